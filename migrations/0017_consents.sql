-- Consents, broken glass, delegates; and who looked at whom, with the signed heads of the audit chain.

-- What a relation opens, where its kind alone does not say; and until when, by the clock.
ALTER TABLE care_relations
    ADD COLUMN opens jsonb;
ALTER TABLE care_relations
    ADD COLUMN expires_at timestamptz;
CREATE INDEX care_relations_expiring ON care_relations (expires_at) WHERE expires_at IS NOT NULL AND ended_at IS NULL;

-- owner: consents
-- Purpose and reasons are in `sealed`. Whether a consent has expired is told by the clock, not by its status.
CREATE TABLE consents (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    grantee_kind text NOT NULL,
    grantee_id uuid NOT NULL,
    categories jsonb NOT NULL,
    actions jsonb NOT NULL,
    purpose_code text NOT NULL,
    sealed bytea NOT NULL,
    data_from timestamptz,
    data_to timestamptz,
    erase_at timestamptz,
    status text NOT NULL,
    requested_by uuid NOT NULL,
    requested_role text NOT NULL,
    requested_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    expires_at timestamptz,
    revoked_by uuid,
    revoked_at timestamptz,
    version bigint NOT NULL,
    CHECK (grantee_kind IN ('doctor', 'hospital', 'wearables')),
    CHECK (status IN ('requested', 'approved', 'denied', 'revoked'))
);
CREATE INDEX consents_of_patient ON consents (patient_id, id);
CREATE INDEX consents_of_grantee ON consents (grantee_id, id);
CREATE INDEX consents_open ON consents (patient_id, grantee_id) WHERE status = 'requested' OR status = 'approved';

-- owner: consents
-- Looks at charts without a relation, with a reason. The reason and the reviewer's note are sealed.
CREATE TABLE broken_glass (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    reference_id uuid,
    sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    outcome text,
    note bytea,
    reviewed_by uuid,
    reviewed_at timestamptz,
    CHECK (outcome IN ('justified', 'unjustified'))
);
CREATE INDEX broken_glass_of_patient ON broken_glass (patient_id, id);
CREATE INDEX broken_glass_of_account ON broken_glass (account_id, at);
CREATE INDEX broken_glass_unreviewed ON broken_glass (id) WHERE outcome IS NULL;

-- owner: consents
-- One row an account that ever broke the glass: locked while its breaks of the day are counted.
CREATE TABLE glass_breakers (
    account_id uuid NOT NULL PRIMARY KEY,
    last_at timestamptz NOT NULL
); -- clustered

-- owner: consents
-- Who may act for a patient.
CREATE TABLE delegates (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    account_id uuid NOT NULL,
    relationship text NOT NULL,
    may text NOT NULL,
    given_by uuid NOT NULL,
    given_at timestamptz NOT NULL,
    expires_at timestamptz,
    ended_by uuid,
    ended_at timestamptz,
    CHECK (may IN ('read', 'manage'))
);
CREATE INDEX delegates_of_patient ON delegates (patient_id, id);
CREATE INDEX delegates_of_account ON delegates (account_id, id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX delegates_current_account_id ON delegates (patient_id, account_id) WHERE ended_at IS NULL;

-- Where on the chain the entries about a patient and of an account stand: `place` is the row, `seq` the entry. Filled
-- behind the chain; what monitors send is left out.
-- owner: access
CREATE TABLE audit_index (
    seq bigint NOT NULL PRIMARY KEY,
    place bigint NOT NULL,
    patient_id uuid,
    actor uuid NOT NULL
);
CREATE INDEX audit_index_of_patient ON audit_index (patient_id, seq) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_index_of_actor ON audit_index (actor, seq);

-- How far the index has come: the last row of the chain that it has read.
-- owner: access
CREATE TABLE audit_indexed (
    one bigint NOT NULL PRIMARY KEY,
    seq bigint NOT NULL
);
INSERT INTO audit_indexed (one, seq) VALUES (1, 0);

-- The end of the chain as it was once a day, signed.
-- owner: access
CREATE TABLE audit_heads (
    day date NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL
);
