-- Services that hold what a patient's band or watch sends them, and that the patient lets us fetch it from.

-- A patient's account at one of them. `sealed` has who the patient is there and the tokens, under the patient's key;
-- `owner_index` finds the patient when the service names the account. `tokens_version` counts the tokens, so that of two
-- who renew them one does. The fetching belongs to the job `leased_by` until `leased_until`.
-- owner: providers
CREATE TABLE provider_connections (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    provider text NOT NULL,
    owner_index bytea NOT NULL,
    sealed bytea NOT NULL,
    tokens_version bigint NOT NULL,
    renewing_until timestamptz,
    connected_by uuid NOT NULL,
    connected_role text NOT NULL,
    connected_reference uuid,
    connected_at timestamptz NOT NULL,
    is_subscribed boolean NOT NULL,
    synced_to timestamptz NOT NULL,
    kept_from timestamptz,
    last_sync_at timestamptz,
    next_sync_at timestamptz NOT NULL,
    is_due boolean NOT NULL,
    failures bigint NOT NULL,
    trouble text,
    leased_by uuid,
    leased_until timestamptz,
    ended_at timestamptz,
    ended_why text,
    CHECK (provider IN ('fitbit', 'google_health')),
    CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX provider_connections_current_patient_id ON provider_connections (patient_id, provider) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX provider_connections_current_owner_index ON provider_connections (provider, owner_index) WHERE ended_at IS NULL;
CREATE INDEX provider_connections_due ON provider_connections (next_sync_at) WHERE ended_at IS NULL;
CREATE INDEX provider_connections_of_patient ON provider_connections (patient_id, id);

-- What a service said that it has news of, until it is fetched. Said again meanwhile, it is `told` once more and fetched once.
-- owner: providers
CREATE TABLE provider_notices (
    connection_id uuid NOT NULL REFERENCES provider_connections (id),
    collection text NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    is_taken_back boolean NOT NULL,
    told bigint NOT NULL,
    PRIMARY KEY (connection_id, collection, from_at, to_at)
); -- clustered

-- Who was sent to a service to allow it and is expected back, by the hash of the secret that goes along.
-- owner: providers
CREATE TABLE provider_journeys (
    hash bytea NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    provider text NOT NULL,
    sealed bytea NOT NULL,
    browser_hash bytea NOT NULL,
    actor uuid NOT NULL,
    role text NOT NULL,
    reference uuid,
    expires_at timestamptz NOT NULL
);
CREATE INDEX provider_journeys_age ON provider_journeys (expires_at);
CREATE INDEX provider_journeys_of_patient ON provider_journeys (patient_id);
