-- Appointments: when a patient comes to whom. Title, names, place and notes are in `sealed`.

-- owner: appointments
-- `expected` says that the doctor is related to the patient because of this appointment.
CREATE TABLE appointments (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    doctor_id uuid,
    scheduled_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    duration_minutes bigint NOT NULL,
    reminder_minutes_before bigint,
    status text NOT NULL,
    expected boolean NOT NULL,
    sealed bytea NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (status IN ('booked', 'completed', 'cancelled', 'no_show')),
    CHECK (ends_at > scheduled_at)
);
CREATE INDEX appointments_of_patient ON appointments (patient_id, scheduled_at, id);
CREATE INDEX appointments_of_doctor ON appointments (doctor_id, scheduled_at, id);
CREATE INDEX appointments_agenda ON appointments (doctor_id, scheduled_at) WHERE status = 'booked';
CREATE INDEX appointments_expected ON appointments (ends_at) WHERE expected;
