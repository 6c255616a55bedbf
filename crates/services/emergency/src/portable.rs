//! What a patient takes along, and what is let go of when a patient is erased.
use access::{Grant, Read, data};
use chrono::{DateTime, Utc};
use kernel::{App, Listed, PageQuery, PatientId, Result};
use patients::EmergencyFlag;
use serde_json::Value;
use store::{Tx, args, sql};
use uuid::Uuid;

use crate::list;
use crate::model::ListQuery;
use crate::notice::Live;

/// A page of every emergency, the last one first, as they are answered.
pub async fn emergencies(app: &App, grant: &Grant<Read, data::Emergencies>, page: &PageQuery) -> Result<Listed<Value>> {
    let all = ListQuery { active_only: Some(false), severity: None };
    list::of_patient(app, grant, &all, page).await?.into_json()
}

sql!(
    EMERGENCIES_END_UNREAD = "UPDATE emergencies
    SET status = 'resolved', ended_at = $3, ended_by = $2
    WHERE patient_id = $1 AND ended_at IS NULL"
);

/// Ends what is open of a patient whose key is gone already, without a word about it: there is nothing to write it with.
pub async fn end_unread(tx: &mut Tx, patient: PatientId, by: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&EMERGENCIES_END_UNREAD, args![patient, by, now]).await?;
    patients::set_emergency_flag(tx, patient, EmergencyFlag::Cleared, now).await
}

/// Lets go of what was rendered about a patient and is held in memory.
pub fn forget(app: &App, patient: PatientId) {
    app.edge::<Live>().forget(patient);
}
