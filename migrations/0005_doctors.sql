-- Doctors, what they specialise in, and the patients they look after.

-- owner: doctors
CREATE TABLE doctors (
    id uuid NOT NULL PRIMARY KEY,
    reference text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    gender text NOT NULL,
    age bigint,
    contact text NOT NULL,
    email text NOT NULL,
    license_number text NOT NULL,
    specializations jsonb NOT NULL,
    qualification jsonb NOT NULL,
    experience bigint NOT NULL,
    is_available boolean NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX doctors_reference ON doctors (reference);
CREATE UNIQUE INDEX doctors_license_number ON doctors (license_number);
CREATE UNIQUE INDEX doctors_email ON doctors (email);
CREATE INDEX doctors_active ON doctors (id) WHERE is_active;
CREATE INDEX doctors_available ON doctors (is_available, id) WHERE is_active;

-- owner: doctors
CREATE TABLE doctor_specializations (
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    specialization_key text NOT NULL,
    PRIMARY KEY (specialization_key, doctor_id)
); -- clustered
CREATE INDEX doctor_specializations_doctor_id ON doctor_specializations (doctor_id);

-- owner: doctors
CREATE TABLE assignments (
    id uuid NOT NULL PRIMARY KEY,
    doctor_id uuid NOT NULL REFERENCES doctors (id),
    patient_id uuid NOT NULL,
    relationship_type text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (relationship_type IN ('current', 'previous')),
    CHECK ((relationship_type = 'current') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX assignments_current_patient_id ON assignments (doctor_id, patient_id) WHERE ended_at IS NULL;
CREATE INDEX assignments_of_doctor ON assignments (doctor_id, id);
CREATE INDEX assignments_of_doctor_type ON assignments (doctor_id, relationship_type, id);
