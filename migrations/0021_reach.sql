-- How far a permission reaches: entries of a chart that are marked as sensitive, and consents whose copies are to be erased.

ALTER TABLE patient_conditions
    ADD COLUMN is_sensitive boolean NOT NULL DEFAULT FALSE;
ALTER TABLE medical_records
    ADD COLUMN is_sensitive boolean NOT NULL DEFAULT FALSE;
ALTER TABLE prescriptions
    ADD COLUMN is_sensitive boolean NOT NULL DEFAULT FALSE;

-- When the grantee was told that the time has come to erase the copies.
ALTER TABLE consents
    ADD COLUMN erasure_told_at timestamptz;
CREATE INDEX consents_to_erase ON consents (erase_at) WHERE erase_at IS NOT NULL AND erasure_told_at IS NULL;

-- Which of the records of a person share who treats them: those of one circle. An administrator merges records and opens
-- none to anybody, so each keeps its own circle then.
ALTER TABLE patient_groups
    ADD COLUMN circle uuid;
UPDATE patient_groups SET circle = group_id;
