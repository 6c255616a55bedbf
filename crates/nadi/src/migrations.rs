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
];
