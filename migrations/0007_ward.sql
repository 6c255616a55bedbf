-- Observations, alerts raised by rules, and what the rules remember of each patient.

-- owner: ward
CREATE TABLE observations (
    id uuid NOT NULL PRIMARY KEY,
    encounter_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    author_id uuid NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX observations_of_encounter ON observations (encounter_id, id);

-- owner: ward
CREATE TABLE alerts (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    encounter_id uuid,
    rule text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    opened_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    repeats bigint NOT NULL,
    closed_at timestamptz,
    closed_by uuid,
    sealed bytea NOT NULL
);
CREATE UNIQUE INDEX alerts_one_open ON alerts (patient_id, rule) WHERE status = 'open';
CREATE INDEX alerts_of_encounter ON alerts (encounter_id, id);

-- owner: ward
CREATE TABLE ward_watch (
    patient_id uuid NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL
); -- clustered
