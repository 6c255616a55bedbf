-- Further versions of patients' keys: told of before they are used, and the secret behind digests, which outlives the first. And
-- the root secret, which outlives the first master key.

ALTER TABLE data_keys
    ADD COLUMN is_in_use boolean NOT NULL DEFAULT true;
ALTER TABLE data_keys
    ADD COLUMN used_from timestamptz;
ALTER TABLE data_keys
    ADD COLUMN digests bytea;

-- What other keys are made from, sealed with the master key; absent as long as the first master key counts, which is it.
-- owner: vault
CREATE TABLE root_secrets (
    one bigint NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL,
    written_at timestamptz NOT NULL
);
