-- Patients: their registration, the people to call, and the charted conditions and records, sealed with their keys.

-- owner: patients
CREATE TABLE patients (
    id uuid NOT NULL PRIMARY KEY,
    reference text NOT NULL,
    name text NOT NULL,
    name_key bytea NOT NULL,
    date_of_birth date NOT NULL,
    gender text NOT NULL,
    contact text NOT NULL,
    email text,
    address jsonb NOT NULL,
    blood_type text NOT NULL,
    emergency_flag boolean NOT NULL,
    is_active boolean NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX patients_reference ON patients (reference);
CREATE INDEX patients_name_key ON patients (name_key, id);
CREATE INDEX patients_in_emergency ON patients (id) WHERE emergency_flag;

-- owner: patients
CREATE TABLE family_contacts (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients (id),
    name text NOT NULL,
    relationship text NOT NULL,
    contact text NOT NULL,
    email text,
    is_primary boolean NOT NULL,
    is_emergency_contact boolean NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX family_contacts_of_patient ON family_contacts (patient_id, id);
CREATE UNIQUE INDEX family_contacts_primary_patient_id ON family_contacts (patient_id) WHERE is_primary;

-- owner: patients
-- What the condition is, how grave and what was noted about it is in `sealed`.
CREATE TABLE patient_conditions (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients (id),
    kind text NOT NULL,
    status text NOT NULL,
    diagnosed_date date,
    resolved_date date,
    sealed bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX patient_conditions_of_patient ON patient_conditions (patient_id, id);

-- owner: patients
-- Title, description, diagnosis, symptoms, vital signs, wearable data and notes are in `sealed`.
CREATE TABLE medical_records (
    id uuid NOT NULL PRIMARY KEY,
    reference text NOT NULL,
    patient_id uuid NOT NULL REFERENCES patients (id),
    doctor_id text,
    hospital_id text,
    record_type text NOT NULL,
    visit_date timestamptz NOT NULL,
    sealed bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX medical_records_reference ON medical_records (reference);
CREATE INDEX medical_records_of_patient ON medical_records (patient_id, id);
