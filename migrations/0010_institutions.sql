-- Institutions of every type, which hospitals are one of: where they are, whether their licences were verified, and the
-- words of their names.

ALTER TABLE hospitals
    ADD COLUMN institution_type text NOT NULL DEFAULT 'hospital';
ALTER TABLE hospitals
    ADD COLUMN region text;
ALTER TABLE hospitals
    ADD COLUMN region_key text;
ALTER TABLE hospitals
    ADD COLUMN verification_status text NOT NULL DEFAULT 'pending';
-- Empty for the later ones of those that shared an address before none could.
ALTER TABLE hospitals
    ADD COLUMN email_key text;
-- False until the words of the name are in hospital_search.
ALTER TABLE hospitals
    ADD COLUMN is_indexed boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX hospitals_email_key ON hospitals (email_key);
CREATE INDEX hospitals_unindexed ON hospitals (id) WHERE NOT is_indexed;
CREATE INDEX hospitals_closed ON hospitals (id) WHERE NOT is_active;
CREATE INDEX hospitals_institution_type ON hospitals (institution_type, id) WHERE is_active;
CREATE INDEX hospitals_region_key ON hospitals (region_key, id) WHERE is_active;
CREATE INDEX hospitals_verification_status ON hospitals (verification_status, id) WHERE is_active;

-- owner: hospitals
-- What an institution is found by: `n` and the beginning of a word of its name, at every length, or `s` and how a word
-- sounds. Each question is one key, whose rows lie in the order of the list.
CREATE TABLE hospital_search (
    key bytea NOT NULL,
    hospital_id uuid NOT NULL REFERENCES hospitals (id),
    PRIMARY KEY (key, hospital_id)
); -- clustered
CREATE INDEX hospital_search_hospital_id ON hospital_search (hospital_id);

-- owner: hospitals
CREATE TABLE institution_verifications (
    id uuid NOT NULL PRIMARY KEY,
    hospital_id uuid NOT NULL REFERENCES hospitals (id),
    status text NOT NULL,
    note text,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    CHECK (status IN ('pending', 'verified', 'rejected'))
);
CREATE INDEX institution_verifications_of_hospital ON institution_verifications (hospital_id, id);
