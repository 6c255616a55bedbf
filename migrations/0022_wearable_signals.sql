-- What wearables measure: sealed chunks as they came, folded into sealed segments in the order of time.

-- The newest point of each metric and what is known of each series; locked before anything of the patient's is written.
-- owner: signals
CREATE TABLE signal_heads (
    patient_id uuid NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL
); -- clustered

-- Points as they came, of all metrics. `first` and `last` are microseconds since 1970, as everywhere here.
-- owner: signals
CREATE TABLE signal_chunks (
    patient_id uuid NOT NULL,
    number bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (patient_id, number)
); -- clustered

-- The points of one metric in one stretch of time, from `at` on, until the next segment's `at` or the end of the stretch.
-- owner: signals
CREATE TABLE signal_segments (
    patient_id uuid NOT NULL,
    metric bigint NOT NULL,
    stretch bigint NOT NULL,
    at bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (patient_id, metric, stretch, at)
); -- clustered

-- Digests of batches that were stored, by which the same batch is known again. `number` is the chunk's it came with.
-- owner: signals
CREATE TABLE signal_seen (
    patient_id uuid NOT NULL,
    digest uuid NOT NULL,
    number bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (patient_id, digest)
); -- clustered

-- Bedside readings of long ago: those of one hour (from `hour` on, microseconds since 1970) in one row.
-- owner: signals
CREATE TABLE reading_shelves (
    patient_id uuid NOT NULL,
    hour bigint NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (patient_id, hour)
); -- clustered
