//! The time zone a patient lives in: where their days begin and end.
use chrono_tz::Tz;
use kernel::{PatientId, Result};
use store::{Sql, Tx, args, sql};

sql!(PATIENT_ZONE = "SELECT time_zone AS value FROM patients WHERE id = $1");
sql!(PATIENT_ZONE_SET = "UPDATE patients SET time_zone = $2 WHERE id = $1");

/// The patient's time zone; UTC before anybody said another.
pub async fn time_zone(sql: &mut impl Sql, patient: PatientId) -> Result<Tz> {
    let name: Option<String> = sql.one(&PATIENT_ZONE, args![patient]).await?;
    // A zone that was kept may be unknown to another version of the table of zones.
    Ok(name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC))
}

/// Says in which zone the patient lives.
pub async fn set_time_zone(tx: &mut Tx, patient: PatientId, zone: Tz) -> Result<()> {
    tx.run(&PATIENT_ZONE_SET, args![patient, zone.name()]).await?;
    Ok(())
}

/// Refuses what is no IANA time zone.
pub fn is_zone(name: &str, _: &()) -> garde::Result {
    match name.parse::<Tz>() {
        Ok(_) => Ok(()),
        Err(_) => Err(garde::Error::new("is not a time zone, as Asia/Kolkata")),
    }
}
