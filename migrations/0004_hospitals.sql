-- Hospitals, their beds and rooms, who is admitted, and which doctors belong to them.

-- owner: hospitals
CREATE TABLE hospitals (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_key text NOT NULL,
    registration_number text NOT NULL,
    hospital_type text NOT NULL,
    contact text NOT NULL,
    email text NOT NULL,
    address jsonb NOT NULL,
    city_key text,
    website text,
    total_beds bigint NOT NULL,
    occupied_beds bigint NOT NULL,
    unavailable_beds bigint NOT NULL,
    emergency_services boolean NOT NULL,
    specializations jsonb NOT NULL,
    accreditations jsonb NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (occupied_beds >= 0),
    CHECK (unavailable_beds >= 0),
    CHECK (occupied_beds + unavailable_beds <= total_beds)
);
CREATE UNIQUE INDEX hospitals_registration_number ON hospitals (registration_number);
CREATE INDEX hospitals_name_key ON hospitals (name_key);
CREATE INDEX hospitals_active ON hospitals (id) WHERE is_active;
CREATE INDEX hospitals_city_key ON hospitals (city_key, id) WHERE is_active;

-- owner: hospitals
CREATE TABLE hospital_specializations (
    hospital_id uuid NOT NULL REFERENCES hospitals (id),
    specialization_key text NOT NULL,
    PRIMARY KEY (specialization_key, hospital_id)
); -- clustered
CREATE INDEX hospital_specializations_hospital_id ON hospital_specializations (hospital_id);

-- owner: hospitals
CREATE TABLE rooms (
    id uuid NOT NULL PRIMARY KEY,
    hospital_id uuid NOT NULL REFERENCES hospitals (id),
    room_number text NOT NULL
);
CREATE UNIQUE INDEX rooms_room_number ON rooms (hospital_id, room_number);

-- owner: hospitals
CREATE TABLE admissions (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    hospital_id uuid NOT NULL REFERENCES hospitals (id),
    doctor_id uuid,
    room_id uuid REFERENCES rooms (id),
    treatment_type text NOT NULL,
    department text,
    reason bytea,
    status text NOT NULL,
    admitted_at timestamptz NOT NULL,
    admitted_by uuid NOT NULL,
    discharged_at timestamptz,
    discharged_by uuid,
    discharge_summary bytea,
    CHECK (status IN ('active', 'discharged')),
    CHECK ((status = 'active') = (discharged_at IS NULL)),
    CHECK ((discharged_at IS NULL) = (discharged_by IS NULL))
);
CREATE UNIQUE INDEX admissions_active_patient_id ON admissions (patient_id) WHERE status = 'active';
CREATE INDEX admissions_active_of_hospital ON admissions (hospital_id, id) WHERE status = 'active';
CREATE INDEX admissions_active_of_doctor ON admissions (doctor_id, id) WHERE status = 'active';
CREATE INDEX admissions_of_hospital ON admissions (hospital_id, patient_id);

-- owner: hospitals
CREATE TABLE affiliations (
    id uuid NOT NULL PRIMARY KEY,
    doctor_id uuid NOT NULL,
    hospital_id uuid NOT NULL REFERENCES hospitals (id),
    department text,
    position text,
    since timestamptz NOT NULL,
    until timestamptz
);
CREATE UNIQUE INDEX affiliations_current_doctor_id ON affiliations (doctor_id, hospital_id) WHERE until IS NULL;
CREATE INDEX affiliations_of_hospital ON affiliations (hospital_id, id) WHERE until IS NULL;
