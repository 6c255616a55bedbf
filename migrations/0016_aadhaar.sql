-- Aadhaar numbers and the one-time codes that prove them, those who registered themselves and wait to be approved, the
-- facilities that patients linked, and who insures them.

-- The number is in `sealed`, its last four digits in `last_four`. `blind_index` finds a number again, `uid` is the
-- patient's name in answers; neither tells the number without the vault's secrets. `key_check` tells whether those are
-- still the same.
-- owner: vault
CREATE TABLE aadhaar_numbers (
    patient_id uuid NOT NULL PRIMARY KEY,
    blind_index bytea NOT NULL,
    uid text NOT NULL,
    sealed bytea NOT NULL,
    last_four bytea NOT NULL,
    key_check bytea NOT NULL,
    verified_at timestamptz,
    created_at timestamptz NOT NULL
); -- clustered
CREATE UNIQUE INDEX aadhaar_numbers_blind_index ON aadhaar_numbers (blind_index);
CREATE UNIQUE INDEX aadhaar_numbers_uid ON aadhaar_numbers (uid);

-- Doctors and institutions that registered themselves, until an administrator approves them.
-- owner: access
CREATE TABLE unapproved_holders (
    holder_id uuid NOT NULL PRIMARY KEY,
    since timestamptz NOT NULL
); -- clustered

-- The one code a patient waits for. `code_hash` is absent where a provider makes the codes and checks them.
-- owner: facilities
CREATE TABLE aadhaar_codes (
    patient_id uuid NOT NULL PRIMARY KEY,
    transaction_id uuid NOT NULL,
    blind_index bytea NOT NULL,
    sealed bytea NOT NULL,
    code_hash bytea,
    tries bigint NOT NULL,
    sends bigint NOT NULL,
    counted_from timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    is_open boolean NOT NULL
); -- clustered
CREATE INDEX aadhaar_codes_number ON aadhaar_codes (blind_index, sent_at);

-- owner: facilities
CREATE TABLE facility_links (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    hospital_id uuid NOT NULL,
    facility_patient_id text,
    linked_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX facility_links_current ON facility_links (patient_id, hospital_id) WHERE ended_at IS NULL;

-- owner: patients
-- Insurer and number are in `sealed`.
CREATE TABLE insurances (
    patient_id uuid NOT NULL PRIMARY KEY REFERENCES patients (id),
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL
); -- clustered
