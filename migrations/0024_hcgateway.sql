-- Phones that speak the HCGateway protocol, what they sent that cannot be read, and what waits to be sent to them.

-- One row a login. `refresh_hash` is the digest of the secret that renews the session; `fcm` is what reaches the phone
-- by push, sealed.
-- owner: hcgateway
CREATE TABLE gateway_phones (
    session_id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    refresh_hash bytea NOT NULL,
    fcm bytea,
    created_at timestamptz NOT NULL
); -- clustered
CREATE UNIQUE INDEX gateway_phones_refresh_hash ON gateway_phones (refresh_hash);
CREATE INDEX gateway_phones_of_patient ON gateway_phones (patient_id, created_at);

-- Records that cannot be read, and parts of records that cannot: why, and what was sent, are in `sealed`. The same thing
-- sent again has the same `digest`.
-- owner: hcgateway
CREATE TABLE gateway_quarantine (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    first_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX gateway_quarantine_digest ON gateway_quarantine (patient_id, digest);
CREATE INDEX gateway_quarantine_of_patient ON gateway_quarantine (patient_id, id);

-- What is to be written into a phone's own store, or taken out of it.
-- owner: hcgateway
CREATE TABLE gateway_outbox (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    session_id uuid NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX gateway_outbox_of_patient ON gateway_outbox (patient_id, id);
