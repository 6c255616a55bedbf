-- Patients of document 001: their two names, whom they were registered with, the ladder of their validation, and what is
-- charted beside conditions and records.

ALTER TABLE patients
    ADD COLUMN first_name text;
ALTER TABLE patients
    ADD COLUMN last_name text;
ALTER TABLE patients
    ADD COLUMN sex text;
ALTER TABLE patients
    ADD COLUMN doctor_id uuid;
ALTER TABLE patients
    ADD COLUMN institution_id uuid;
ALTER TABLE patients
    ADD COLUMN validation_status text NOT NULL DEFAULT 'pending';
CREATE INDEX patients_of_doctor ON patients (doctor_id, id) WHERE doctor_id IS NOT NULL;
CREATE INDEX patients_of_institution ON patients (institution_id, id) WHERE institution_id IS NOT NULL;
CREATE INDEX patients_validation_status ON patients (validation_status, id);
CREATE INDEX patients_awaiting_doctor ON patients (doctor_id, id) WHERE validation_status = 'pending';
CREATE INDEX patients_awaiting_institution ON patients (institution_id, validation_status, id);
CREATE INDEX patients_awaiting_colleague ON patients (doctor_id, id) WHERE validation_status = 'validated_by_doctor' AND institution_id IS NULL;
CREATE INDEX patients_awaiting_access ON patients (id) WHERE validation_status = 'validated_by_institution';

-- By it the assignments of a patient who leaves are ended.
CREATE INDEX assignments_of_patient ON assignments (patient_id) WHERE ended_at IS NULL;

-- owner: patients
-- What was measured and how the patient lives is in `sealed`.
CREATE TABLE health_profiles (
    patient_id uuid NOT NULL PRIMARY KEY REFERENCES patients (id),
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
); -- clustered

-- owner: patients
-- The history of the ladder. `holder_id` is the doctor or the institution that the step was taken for; the note is in
-- `sealed`.
CREATE TABLE validation_steps (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients (id),
    from_status text NOT NULL,
    to_status text NOT NULL,
    holder_id uuid,
    by_id uuid NOT NULL,
    by_role text NOT NULL,
    sealed bytea,
    at timestamptz NOT NULL
);
CREATE INDEX validation_steps_of_patient ON validation_steps (patient_id, id);

-- owner: patients
-- Relative, condition, code, age at onset and notes are in `sealed`.
CREATE TABLE family_history (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients (id),
    sealed bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX family_history_of_patient ON family_history (patient_id, id);

-- owner: patients
-- Medications, instructions, duration, notes and why it was stopped are in `sealed`.
CREATE TABLE prescriptions (
    id uuid NOT NULL PRIMARY KEY,
    reference text NOT NULL,
    patient_id uuid NOT NULL REFERENCES patients (id),
    doctor_id uuid NOT NULL,
    record_id uuid REFERENCES medical_records (id),
    status text NOT NULL,
    start_date date NOT NULL,
    end_date date,
    sealed bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX prescriptions_reference ON prescriptions (reference);
CREATE INDEX prescriptions_of_patient ON prescriptions (patient_id, id);
CREATE INDEX prescriptions_active ON prescriptions (patient_id, id) WHERE status = 'active';
