//! The schema, step by step: the files of `migrations/`, built into the program.
use store::Migration;

macro_rules! series {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            ddl: include_str!(concat!("../../../migrations/", $name, ".sql")),
        }),*]
    };
}

/// Every step, in order. A step that was released is never changed.
pub const SERIES: &[Migration] = series![
    1 "0001_foundation",
    2 "0002_identity",
    3 "0003_patients",
    4 "0004_hospitals",
    5 "0005_doctors",
    6 "0006_signals",
    7 "0007_ward",
    8 "0008_emergency",
    9 "0009_contact_points",
    10 "0010_institutions",
    11 "0011_profession",
    12 "0012_patient_profile",
    13 "0013_patient_search",
    14 "0014_appointments",
    15 "0015_identity_more",
    16 "0016_aadhaar",
    17 "0017_consents",
    18 "0018_jobs_and_erasure",
    19 "0019_ended_relations",
    20 "0020_what_nothing_asks",
    21 "0021_reach",
    22 "0022_wearable_signals",
    23 "0023_wearables",
    24 "0024_hcgateway",
    25 "0025_providers",
    26 "0026_key_versions",
];
