-- Signing in, continued: last use, second factors, one-time codes, resets, service accounts, further signing keys.

-- When a session was last renewed; until then, when it began.
ALTER TABLE sessions
    ADD COLUMN last_used_at timestamptz;

-- What programs of a hospital or of the operator sign in with. The secret is kept as a digest.
-- owner: access
CREATE TABLE service_accounts (
    id uuid NOT NULL PRIMARY KEY,
    secret_hash bytea NOT NULL,
    label text NOT NULL,
    role text NOT NULL,
    reference_id uuid,
    read_only boolean NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
); -- clustered
CREATE INDEX service_accounts_of_reference ON service_accounts (reference_id) WHERE revoked_at IS NULL;

-- Keys that sign access tokens besides the first, which is in its file. The newest signs; those before it are good
-- until `others_until`.
-- owner: vault
CREATE TABLE signing_keys (
    id text NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL,
    others_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

-- When its owner proved that an address is theirs.
ALTER TABLE users
    ADD COLUMN email_verified_at timestamptz;
ALTER TABLE users
    ADD COLUMN phone_verified_at timestamptz;
-- True while the password is kept as an older system hashed it.
ALTER TABLE users
    ADD COLUMN legacy_hash boolean NOT NULL DEFAULT FALSE;
CREATE INDEX users_legacy_hash ON users (id) WHERE legacy_hash;

-- From where each account has signed in.
-- owner: identity
CREATE TABLE known_networks (
    user_id uuid NOT NULL REFERENCES users (id),
    network text NOT NULL,
    last_login_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, network)
); -- clustered
CREATE INDEX known_networks_age ON known_networks (last_login_at);

-- Tokens that were sent to set a password anew.
-- owner: identity
CREATE TABLE password_resets (
    token_hash bytea NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_of_user ON password_resets (user_id, created_at);
CREATE INDEX password_resets_expires_at ON password_resets (expires_at);

-- Codes that were sent to an address to see whether it is the account's. `sent` counts those since `first_sent_at`.
-- owner: identity
CREATE TABLE contact_codes (
    user_id uuid NOT NULL REFERENCES users (id),
    channel text NOT NULL,
    code_hash bytea NOT NULL,
    tries bigint NOT NULL,
    sent bigint NOT NULL,
    first_sent_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, channel),
    CHECK (channel IN ('email', 'phone'))
);

-- The shared secret of an authenticator app is in `sealed`. `last_step` is the time step whose code was used last.
-- owner: identity
CREATE TABLE second_factors (
    user_id uuid NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed bytea NOT NULL,
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz
); -- clustered

-- A code that was used is gone.
-- owner: identity
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id),
    code_hash bytea NOT NULL,
    PRIMARY KEY (user_id, code_hash)
); -- clustered

-- Logins whose password was right and whose second factor is awaited.
-- owner: identity
CREATE TABLE login_challenges (
    token_hash bytea NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    device text NOT NULL,
    tries bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX login_challenges_of_user ON login_challenges (user_id);
CREATE INDEX login_challenges_expires_at ON login_challenges (expires_at);
