-- Work in the background, what patients take along, and who was erased.

-- `args` and `result` hold ids and numbers alone. A running job belongs to `lease_owner` until `leased_until`: a process
-- that was killed loses it then, and another takes it over.
-- owner: jobs
CREATE TABLE jobs (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    subject uuid NOT NULL,
    args jsonb NOT NULL,
    state text NOT NULL,
    progress bigint NOT NULL,
    progress_note text,
    attempts bigint NOT NULL,
    run_after timestamptz NOT NULL,
    leased_until timestamptz,
    lease_owner uuid,
    result jsonb,
    error text,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    CHECK (progress >= 0 AND progress <= 100),
    CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
    CHECK ((lease_owner IS NULL) = (leased_until IS NULL))
);
CREATE INDEX jobs_waiting ON jobs (run_after, id) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';
CREATE INDEX jobs_of_subject ON jobs (subject, kind, id);
CREATE INDEX jobs_ended ON jobs (updated_at) WHERE state IN ('done', 'failed', 'cancelled');

-- The file of one export, until it is swept. `id` is the job's.
-- owner: portability
CREATE TABLE exports (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    size bigint
);
CREATE INDEX exports_of_patient ON exports (patient_id);
CREATE INDEX exports_age ON exports (created_at);

-- The parts of an export that are complete, in the order they were written.
-- owner: portability
CREATE TABLE export_parts (
    export_id uuid NOT NULL REFERENCES exports (id),
    number bigint NOT NULL,
    name text NOT NULL,
    checksum bigint NOT NULL,
    plain_size bigint NOT NULL,
    packed_size bigint NOT NULL,
    chunks bigint NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (export_id, number)
); -- clustered
CREATE UNIQUE INDEX export_parts_name ON export_parts (export_id, name);

-- What the parts are made of, packed, then sealed with the patient's key.
-- owner: portability
CREATE TABLE export_chunks (
    export_id uuid NOT NULL REFERENCES exports (id),
    number bigint NOT NULL,
    place bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (export_id, number, place)
);

-- Patients who asked to be erased, and those who were. The reason is in `reason`, sealed with the system's key: it has
-- to outlive the patient's.
-- owner: portability
CREATE TABLE erasures (
    id uuid NOT NULL PRIMARY KEY,
    patient_id uuid NOT NULL,
    reason bytea NOT NULL,
    status text NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    ended_by uuid,
    ended_at timestamptz,
    CHECK (status IN ('requested', 'withdrawn', 'done')),
    CHECK ((status = 'requested') = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX erasures_open_patient_id ON erasures (patient_id) WHERE status = 'requested';
CREATE INDEX erasures_of_patient ON erasures (patient_id, id);
CREATE INDEX erasures_status ON erasures (status, id);

-- Whose keys were destroyed, so that absence can be told from erasure. The tombstones in the keys directory say the same
-- and outlive a restored backup.
-- owner: vault
CREATE TABLE erased_patients (
    patient_id uuid NOT NULL PRIMARY KEY,
    erased_at timestamptz NOT NULL
); -- clustered

ALTER TABLE patients
    ADD COLUMN erased_at timestamptz;

-- By these an export reads what is a patient's, in the order it was written.
CREATE INDEX admissions_of_patient ON admissions (patient_id, id);
CREATE INDEX observations_of_patient ON observations (patient_id, id);
CREATE INDEX alerts_of_patient ON alerts (patient_id, id);
CREATE INDEX assignments_all_of_patient ON assignments (patient_id, id);
