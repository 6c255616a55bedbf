-- Accounts, and the refresh tokens by which their sessions are renewed.

-- owner: identity
CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    user_type text NOT NULL,
    email text,
    username text,
    phone text,
    password_hash text NOT NULL,
    name text,
    reference_id uuid,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (email IS NOT NULL OR username IS NOT NULL OR phone IS NOT NULL)
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_username ON users (username);
CREATE UNIQUE INDEX users_phone ON users (phone);
CREATE INDEX users_reference_id ON users (reference_id) WHERE reference_id IS NOT NULL;

-- A family is the session's id: every token that descends from one login carries it.
-- owner: identity
CREATE TABLE refresh_tokens (
    token_hash bytea NOT NULL PRIMARY KEY,
    family uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
); -- clustered
CREATE INDEX refresh_tokens_user_id ON refresh_tokens (user_id, family);
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);
