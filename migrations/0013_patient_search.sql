-- Finding patients, and patients who turned out to be one person.

-- owner: patients
-- What a patient is found by: the beginnings of the words of the name, how they sound, the birth date, phones, e-mail
-- addresses and cities. The first letter of `key` says which of these it is.
CREATE TABLE patient_search (
    key bytea NOT NULL,
    patient_id uuid NOT NULL,
    PRIMARY KEY (key, patient_id)
); -- clustered

-- 0 for those who were registered before there was an index: it is made up for when the server starts.
ALTER TABLE patients
    ADD COLUMN search_version bigint NOT NULL DEFAULT 1;
-- The head of those who are one person; NULL for everybody else.
ALTER TABLE patients
    ADD COLUMN merge_group uuid;
UPDATE patients SET search_version = 0;
CREATE INDEX patients_not_indexed ON patients (id) WHERE search_version = 0;
CREATE INDEX patients_created_at ON patients (created_at, id);

-- owner: patients
-- The journal of merges. A row without `unmerged_at` holds now.
CREATE TABLE patient_merges (
    id uuid NOT NULL PRIMARY KEY,
    survivor_id uuid NOT NULL REFERENCES patients (id),
    absorbed_id uuid NOT NULL REFERENCES patients (id),
    reason text NOT NULL,
    score bigint,
    merged_by uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    unmerged_by uuid,
    unmerged_at timestamptz,
    CHECK (survivor_id <> absorbed_id),
    CHECK ((unmerged_at IS NULL) = (unmerged_by IS NULL))
);
CREATE UNIQUE INDEX patient_merges_current_absorbed_id ON patient_merges (absorbed_id) WHERE unmerged_at IS NULL;
CREATE INDEX patient_merges_of_survivor ON patient_merges (survivor_id, id);
CREATE INDEX patient_merges_of_absorbed ON patient_merges (absorbed_id, id);

-- owner: access
-- Patients who are one person: what is related to one of a group is related to all of it.
CREATE TABLE patient_groups (
    patient_id uuid NOT NULL PRIMARY KEY,
    group_id uuid NOT NULL
); -- clustered
CREATE INDEX patient_groups_members ON patient_groups (group_id, patient_id);

-- The patient of the same group through whom this relation came; NULL when it began with this one.
ALTER TABLE care_relations
    ADD COLUMN through uuid;
CREATE INDEX care_relations_through ON care_relations (through) WHERE through IS NOT NULL AND ended_at IS NULL;
CREATE INDEX care_relations_holder ON care_relations (holder_id, patient_id) WHERE ended_at IS NULL;
