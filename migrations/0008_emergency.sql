-- Emergencies: what a responder must come to.

-- owner: emergency
CREATE TABLE emergencies (
    id uuid NOT NULL PRIMARY KEY,
    reference text NOT NULL,
    patient_id uuid NOT NULL,
    hospital_id uuid,
    alert_id uuid,
    kind text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    triggered_by text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    responding_at timestamptz,
    responding_by uuid,
    ended_at timestamptz,
    ended_by uuid
);
CREATE UNIQUE INDEX emergencies_reference ON emergencies (reference);
CREATE INDEX emergencies_of_patient ON emergencies (patient_id, id);
CREATE INDEX emergencies_open ON emergencies (patient_id) WHERE ended_at IS NULL;
CREATE INDEX emergencies_of_alert ON emergencies (alert_id) WHERE ended_at IS NULL;
