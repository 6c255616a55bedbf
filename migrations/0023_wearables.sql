-- Wearables: what sends data about a patient, and the records it sent, sealed and whole.

-- Where a patient's days begin and end: an IANA zone.
ALTER TABLE patients
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';

-- owner: wearables
-- A device, an app or a provider; `name` is what its sender calls it. What the patient said of it is sealed.
CREATE TABLE wearable_sources (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sealed bytea NOT NULL,
    battery_level bigint,
    points bigint NOT NULL DEFAULT 0,
    records bigint NOT NULL DEFAULT 0,
    last_sync timestamptz,
    paired_at timestamptz NOT NULL,
    removed_at timestamptz,
    CHECK (kind IN ('device', 'app', 'provider'))
);
CREATE UNIQUE INDEX wearable_sources_name ON wearable_sources (patient_id, kind, name);

-- owner: wearables
-- `digest` tells whether a record that comes again is the same; it is keyed, so that it tells nothing else.
CREATE TABLE wearable_records (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    record_id text NOT NULL,
    kind text NOT NULL,
    app text,
    source_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    version bigint NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX wearable_records_record_id ON wearable_records (patient_id, record_id, kind);
CREATE INDEX wearable_records_of_patient ON wearable_records (patient_id, id);
CREATE INDEX wearable_records_by_time ON wearable_records (patient_id, kind, starts_at, id);

-- owner: wearables
-- What a patient chose: which source counts before which, for each metric. Sealed.
CREATE TABLE wearable_choices (
    patient_id uuid NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL
); -- clustered
