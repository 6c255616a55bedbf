//! What was charted about a patient lately, over all the tables of a chart.
use access::data::Records;
use access::{Grant, Read};
use kernel::Result;
use store::{Db, Sql, Where, args, sql};

use crate::model::Activity;
use crate::reached::{Dated, reached};

/// The tables of a chart, each with what its entries are called and by what they have their time.
const CHARTED: [(&str, Dated); 3] = [
    ("SELECT 'record' AS kind, id, created_at AS at FROM medical_records", Dated::Visit),
    ("SELECT 'condition' AS kind, id, created_at AS at FROM patient_conditions", Dated::Found),
    ("SELECT 'prescription' AS kind, id, created_at AS at FROM prescriptions", Dated::Start),
];
sql!(
    RECENT_STEPS = "SELECT 'validation' AS kind, id, at FROM validation_steps
    WHERE patient_id = $1 ORDER BY id DESC LIMIT $2"
);

/// The newest of each table of a patient's chart that the grant reaches, at most so many of each.
pub async fn recent(db: &mut Db, grant: &Grant<Read, Records>, most: i64) -> Result<Vec<Activity>> {
    let steps: Vec<Activity> = db.all(&RECENT_STEPS, args![grant.patient(), most]).await?;
    let mut found: Vec<Activity> = steps.into_iter().filter(|step| grant.span().includes(step.at)).collect();
    for (entries, dated) in CHARTED {
        let entries = Where::new(entries).and("patient_id = ?", Some(grant.patient()));
        let newest = reached(entries, grant, dated).tail("ORDER BY id DESC LIMIT ?", args![most]);
        found.append(&mut db.find(newest).await?);
    }
    Ok(found)
}
