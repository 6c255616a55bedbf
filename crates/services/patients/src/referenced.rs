//! What medical records rest on, shown beside them.
use access::Caller;
use kernel::{App, Listed, Result};
use serde_json::Value;

use crate::doors::WearablesDoor;
use crate::model::MedicalRecord;

/// Adds to each record the wearable data that it names; to somebody who may not see them, nothing. Only where a record
/// names some, the look is asked for and on record.
pub async fn with_wearables(
    app: &App,
    caller: &Caller,
    mut listed: Listed<MedicalRecord>,
) -> Result<Listed<MedicalRecord>> {
    let mut left = MOST;
    for record in &mut listed.entries {
        let names: Vec<String> = record.body.wearable_data_ids.iter().take(left).cloned().collect();
        if names.is_empty() {
            continue;
        }
        left -= names.len();
        let found: Vec<Value> = (app.edge::<WearablesDoor>().0)(app, caller, record.patient_id, names).await?;
        record.wearable_data = found;
    }
    Ok(listed)
}

/// Data shown on one page of records; further ones are asked for by their ids.
const MOST: usize = 200;
