//! Who insures a patient: a name and a number, sealed with the patient's key.
use chrono::{DateTime, Utc};
use kernel::Result;
use store::{Sql, Tx};
use vault::{PatientKey, Row};

use crate::model::Insurance;
use crate::queries::insurance;
use crate::sealed;

/// The insurance of a patient; empty when nobody named one. The caller of this function has made sure that whoever will
/// see it may see the registration.
pub async fn of(sql: &mut impl Sql, key: &PatientKey) -> Result<Insurance> {
    match insurance::of_patient(sql, key.patient()).await? {
        Some(kept) => sealed::open(key, row(key), &kept),
        None => Ok(Insurance::default()),
    }
}

/// Keeps who insures a patient from now on.
pub async fn insure(tx: &mut Tx, key: &PatientKey, with: &Insurance, now: DateTime<Utc>) -> Result<()> {
    insurance::put(tx, key.patient(), sealed::seal(key, row(key), with)?, now).await
}

fn row(key: &PatientKey) -> Row<'static> {
    Row { table: "insurances", id: key.patient().0 }
}
