-- Who was related once and is no longer: asked when somebody who left could come back unasked.
CREATE INDEX care_relations_ended ON care_relations (patient_id, holder_id) WHERE ended_at IS NOT NULL;
