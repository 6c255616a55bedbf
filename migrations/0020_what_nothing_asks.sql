-- What no question was asked of any more goes: patients are found by patient_search, doctors by
-- doctor_names, and contact points by their owner.

-- owner: patients
DROP INDEX patients_name_key;
ALTER TABLE patients
    DROP COLUMN name_key;

-- owner: doctors
ALTER TABLE doctors
    DROP COLUMN name_key;

-- owner: contacts
DROP INDEX contact_points_key;

-- Of a doctor whose name was indexed it was told by keeping how the name sounds, which nothing reads.
-- owner: doctors
ALTER TABLE doctors
    ADD COLUMN is_indexed boolean NOT NULL DEFAULT false;
UPDATE doctors SET is_indexed = true WHERE name_sound IS NOT NULL;
DROP INDEX doctors_without_sound;
ALTER TABLE doctors
    DROP COLUMN name_sound;
CREATE INDEX doctors_unindexed ON doctors (id) WHERE NOT is_indexed;
