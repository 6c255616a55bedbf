-- Doctors' professions: names in two parts, the fee, specialties, professional status, licences; and who is suspended.

-- owner: doctors
ALTER TABLE doctors
    ADD COLUMN first_name text;
ALTER TABLE doctors
    ADD COLUMN last_name text;
ALTER TABLE doctors
    ADD COLUMN institution_id uuid;
ALTER TABLE doctors
    ADD COLUMN consultation_fee double precision;
ALTER TABLE doctors
    ADD COLUMN professional_status text NOT NULL DEFAULT 'active';
ALTER TABLE doctors
    ADD COLUMN license_status text NOT NULL DEFAULT 'pending';
ALTER TABLE doctors
    ADD COLUMN name_sound text;
CREATE INDEX doctors_professional_status ON doctors (professional_status, id) WHERE is_active;
CREATE INDEX doctors_license_status ON doctors (license_status, id) WHERE is_active;
CREATE INDEX doctors_experience ON doctors (experience, id) WHERE is_active;
CREATE INDEX doctors_without_sound ON doctors (id) WHERE name_sound IS NULL;

-- The words of a doctor's name in lower case, and what each sounds like. A doctor without `name_sound` has none yet.
-- owner: doctors
CREATE TABLE doctor_names (
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    part bytea NOT NULL,
    sound text NOT NULL,
    PRIMARY KEY (part, doctor_id)
); -- clustered
CREATE INDEX doctor_names_sound ON doctor_names (sound, doctor_id);
CREATE INDEX doctor_names_doctor_id ON doctor_names (doctor_id);

-- The id is text, since the two engines write the same UUID differently in a text like this one.
-- owner: doctors
CREATE TABLE specialties (
    id text NOT NULL PRIMARY KEY,
    word text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL
);
CREATE UNIQUE INDEX specialties_word ON specialties (word);
CREATE UNIQUE INDEX specialties_name_key ON specialties (name_key);
INSERT INTO specialties (id, word, name, name_key) VALUES
    ('8b9e76a2-6fce-5ebc-ba34-8e610cc15cc6', 'anaesthesiology', 'Anaesthesiology', 'anaesthesiology'),
    ('4d39dcaf-b157-5024-9a34-6b206be01827', 'ayurveda', 'Ayurveda', 'ayurveda'),
    ('362f83a2-063c-5233-8e99-94b1f45c6c9c', 'cardiac_surgery', 'Cardiac surgery', 'cardiac surgery'),
    ('2d31c500-f7a4-559a-9701-16addbb3932c', 'cardiology', 'Cardiology', 'cardiology'),
    ('8414dbab-d7a0-5ace-9d8f-92a10d8f0e44', 'critical_care_medicine', 'Critical care medicine', 'critical care medicine'),
    ('ab384068-66da-5d8d-92fe-722b93f89b8a', 'dentistry', 'Dentistry', 'dentistry'),
    ('489b7233-209d-5df0-972a-7f1dd49d78cc', 'dermatology', 'Dermatology', 'dermatology'),
    ('a207898c-c0e4-5d4f-b9a3-781bd2a43d29', 'diabetology', 'Diabetology', 'diabetology'),
    ('fa2a38ee-e638-552c-ad2f-12b88095c548', 'emergency_medicine', 'Emergency medicine', 'emergency medicine'),
    ('0f8d2c22-90b7-5da0-b83d-5aedc3ae1312', 'endocrinology', 'Endocrinology', 'endocrinology'),
    ('b14a9e70-b1a5-54d5-95b1-7e9923c94bfd', 'family_medicine', 'Family medicine', 'family medicine'),
    ('3f860b57-d81b-53c1-8414-d94d95234251', 'gastroenterology', 'Gastroenterology', 'gastroenterology'),
    ('4b446afa-937e-55b2-b1fe-f013444a6343', 'general_medicine', 'General medicine', 'general medicine'),
    ('86ed153c-9b02-50d8-bb16-af08eb7420da', 'general_surgery', 'General surgery', 'general surgery'),
    ('dadcb416-7495-5e83-924c-fe002dbc9933', 'geriatrics', 'Geriatrics', 'geriatrics'),
    ('8836361d-6d04-5e70-91fc-b3e8924f85bc', 'gynaecology_and_obstetrics', 'Gynaecology and obstetrics', 'gynaecology and obstetrics'),
    ('22eba76a-ac9f-52f0-b1aa-e54739dc0e0e', 'haematology', 'Haematology', 'haematology'),
    ('6c4aaab3-a552-5cd8-acba-7c1f07db60fc', 'homeopathy', 'Homeopathy', 'homeopathy'),
    ('d30ca721-8214-5183-994e-94ff04d453ec', 'infectious_diseases', 'Infectious diseases', 'infectious diseases'),
    ('d09a7b0b-3b33-5d4f-99fc-3dff7f093d60', 'internal_medicine', 'Internal medicine', 'internal medicine'),
    ('6f206acc-754d-5381-ba15-e86ec3f09892', 'medical_genetics', 'Medical genetics', 'medical genetics'),
    ('e123ea94-f77d-5845-baa4-94355ed2a284', 'microbiology', 'Microbiology', 'microbiology'),
    ('c560ad43-4d8d-55c8-b7ad-d255783dcc2c', 'neonatology', 'Neonatology', 'neonatology'),
    ('8b656794-f23b-5a66-b5e3-3d7df93f2c07', 'nephrology', 'Nephrology', 'nephrology'),
    ('22409517-8799-5d44-adce-89596e7e99de', 'neurology', 'Neurology', 'neurology'),
    ('d3164ca5-d1a1-5685-8a62-374d9216a554', 'neurosurgery', 'Neurosurgery', 'neurosurgery'),
    ('a55ec4b8-6a53-5746-af77-7e12637628c8', 'nuclear_medicine', 'Nuclear medicine', 'nuclear medicine'),
    ('cc860729-fbf7-5781-9449-6f1b16d13efc', 'oncology', 'Oncology', 'oncology'),
    ('912af459-8454-5b5c-8686-c04071f27753', 'ophthalmology', 'Ophthalmology', 'ophthalmology'),
    ('f6aaf1eb-406b-59a1-8aba-13608c19a828', 'orthopaedics', 'Orthopaedics', 'orthopaedics'),
    ('1a610225-437b-58dd-9a20-ca9d00778a02', 'otorhinolaryngology', 'Otorhinolaryngology', 'otorhinolaryngology'),
    ('75cfd2bb-35ba-519b-983b-3e9c8632d625', 'paediatrics', 'Paediatrics', 'paediatrics'),
    ('e836406d-0c68-5bb5-9287-a18505857be3', 'pain_medicine', 'Pain medicine', 'pain medicine'),
    ('2d9c2a0d-89eb-5516-ac45-85c78a111a42', 'palliative_medicine', 'Palliative medicine', 'palliative medicine'),
    ('c2486d5c-3fbb-5a98-8b1a-ec9b4cf4fd69', 'pathology', 'Pathology', 'pathology'),
    ('5bf55772-f121-5e42-bbf5-eeaf502dc6c7', 'physical_medicine_and_rehabilitation', 'Physical medicine and rehabilitation', 'physical medicine and rehabilitation'),
    ('0a5a2e3c-15cf-5015-ab1b-3dcb56a131e1', 'plastic_surgery', 'Plastic surgery', 'plastic surgery'),
    ('a7e6372b-fe5a-50c4-8948-95d54483fb7a', 'psychiatry', 'Psychiatry', 'psychiatry'),
    ('9e2483de-c6e9-57ea-9e7a-0be785669b84', 'public_health', 'Public health', 'public health'),
    ('66c62ba9-54a2-5cff-9eaa-acb80c97ba1c', 'pulmonology', 'Pulmonology', 'pulmonology'),
    ('ed950611-150d-5c8c-bfa4-c8c7c8bf1668', 'radiology', 'Radiology', 'radiology'),
    ('8d016c03-0c9e-51f9-8567-788656a1f0cf', 'rheumatology', 'Rheumatology', 'rheumatology'),
    ('f55de0c2-163c-5044-976e-ad838aa3c282', 'sports_medicine', 'Sports medicine', 'sports medicine'),
    ('a92ac059-a9f5-5139-b070-a68386f4e91d', 'surgery', 'Surgery', 'surgery'),
    ('cab6a8c3-cb1f-5e9b-890e-bc6cd8c7395a', 'urology', 'Urology', 'urology'),
    ('14296ae1-339a-5737-a769-e5616903222c', 'vascular_surgery', 'Vascular surgery', 'vascular surgery');

-- owner: doctors
CREATE TABLE professional_status_history (
    id uuid NOT NULL PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    status text NOT NULL,
    reason text NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX professional_status_history_of_doctor ON professional_status_history (doctor_id, id);

-- owner: doctors
CREATE TABLE license_verifications (
    id uuid NOT NULL PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    license_number text NOT NULL,
    status text NOT NULL,
    note text,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL
);
CREATE INDEX license_verifications_of_doctor ON license_verifications (doctor_id, id);

-- So that the doctors of one hospital are found in the order of their ids.
-- owner: hospitals
CREATE INDEX affiliations_of_hospital_doctor_id ON affiliations (hospital_id, doctor_id) WHERE until IS NULL;

-- Whoever stands here is suspended: a session that stands for them does not live, whatever its own row says.
-- owner: access
CREATE TABLE suspensions (
    holder_id uuid NOT NULL PRIMARY KEY,
    since timestamptz NOT NULL
); -- clustered

-- Set on an account that was closed because whom it stands for was suspended: reinstating opens these and no others.
-- owner: identity
ALTER TABLE users
    ADD COLUMN suspended_at timestamptz;
