//! What was charted about a patient lately, over all the tables of a chart.
use kernel::{PatientId, Result};
use store::{Sql, args, sql};

use crate::model::Activity;

sql!(
    RECENT_RECORDS = "SELECT 'record' AS kind, id, created_at AS at FROM medical_records
    WHERE patient_id = $1 ORDER BY id DESC LIMIT $2"
);
sql!(
    RECENT_CONDITIONS = "SELECT 'condition' AS kind, id, created_at AS at FROM patient_conditions
    WHERE patient_id = $1 ORDER BY id DESC LIMIT $2"
);
sql!(
    RECENT_PRESCRIPTIONS = "SELECT 'prescription' AS kind, id, created_at AS at FROM prescriptions
    WHERE patient_id = $1 ORDER BY id DESC LIMIT $2"
);
sql!(
    RECENT_STEPS = "SELECT 'validation' AS kind, id, at FROM validation_steps
    WHERE patient_id = $1 ORDER BY id DESC LIMIT $2"
);

/// The newest of each table of a patient's chart, at most so many of each.
pub async fn recent(sql: &mut impl Sql, patient: PatientId, most: i64) -> Result<Vec<Activity>> {
    let mut found: Vec<Activity> = Vec::new();
    for statement in [&RECENT_RECORDS, &RECENT_CONDITIONS, &RECENT_PRESCRIPTIONS, &RECENT_STEPS] {
        found.append(&mut sql.all(statement, args![patient, most]).await?);
    }
    Ok(found)
}
