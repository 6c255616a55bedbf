-- Bedside readings, sealed, in the order of their patient and time; and the newest value of each vital.

-- owner: signals
CREATE TABLE readings (
    patient_id uuid NOT NULL,
    at timestamptz NOT NULL,
    source uuid NOT NULL,
    id uuid NOT NULL,
    encounter_id uuid,
    received_at timestamptz NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (patient_id, at, source)
); -- clustered

-- owner: signals
CREATE TABLE signal_latest (
    patient_id uuid NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL
); -- clustered
