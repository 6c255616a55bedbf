-- The tables beneath every service: keys, sessions, care relations, the audit chain, the event log.

-- owner: vault
CREATE TABLE data_keys (
    patient_id uuid NOT NULL,
    version bigint NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, version)
); -- clustered

-- owner: access
CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    role text NOT NULL,
    reference_id uuid,
    device text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
); -- clustered
CREATE INDEX sessions_of_user ON sessions (user_id) WHERE revoked_at IS NULL;

-- owner: access
CREATE TABLE stream_tickets (
    secret_hash bytea NOT NULL PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    expires_at timestamptz NOT NULL
);

-- owner: access
CREATE TABLE device_keys (
    id uuid NOT NULL PRIMARY KEY,
    secret_hash bytea NOT NULL,
    label text NOT NULL,
    hospital_id uuid,
    patient_id uuid,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CHECK ((hospital_id IS NULL) <> (patient_id IS NULL))
); -- clustered
CREATE INDEX device_keys_of_hospital ON device_keys (hospital_id);

-- owner: access
CREATE TABLE care_relations (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    holder_id uuid NOT NULL,
    kind text NOT NULL,
    basis_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX care_relations_current ON care_relations (patient_id, holder_id, kind, basis_id) WHERE ended_at IS NULL;
CREATE INDEX care_relations_held ON care_relations (holder_id, kind, patient_id) WHERE ended_at IS NULL;
CREATE INDEX care_relations_basis ON care_relations (basis_id) WHERE ended_at IS NULL;

-- A row holds the entries of one transaction, one JSON object a line, and the hash that ties it to the row before.
-- owner: access
CREATE TABLE audit_log (
    seq bigint NOT NULL PRIMARY KEY,
    first bigint NOT NULL,
    entries text NOT NULL,
    hash bytea NOT NULL
);

-- The number of the last entry. Writers take it in turn.
-- owner: access
CREATE TABLE audit_head (
    one bigint NOT NULL PRIMARY KEY,
    seq bigint NOT NULL
);
INSERT INTO audit_head (one, seq) VALUES (1, 0);

-- owner: events
CREATE TABLE event_log (
    seq bigint NOT NULL PRIMARY KEY,
    id uuid NOT NULL,
    topic text NOT NULL,
    subject uuid NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX event_log_topic ON event_log (topic, seq);

-- owner: events
CREATE TABLE event_head (
    one bigint NOT NULL PRIMARY KEY,
    seq bigint NOT NULL
);
INSERT INTO event_head (one, seq) VALUES (1, 0);

-- owner: nadi
CREATE TABLE idempotency_keys (
    key_hash bytea NOT NULL PRIMARY KEY,
    request_hash bytea NOT NULL,
    answer bytea,
    created_at timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
