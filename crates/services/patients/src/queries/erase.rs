//! What is deleted of a patient who is erased.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Result};
use store::{Tx, args, sql};

sql!(
    /// The caller's own reference names the patient elsewhere; our id takes its place.
    PATIENT_FORGET =
        "UPDATE patients SET reference = $2, erased_at = $3, search_version = 1, time_zone = 'UTC' WHERE id = $1"
);
sql!(FAMILY_CONTACTS_FORGET = "DELETE FROM family_contacts WHERE patient_id = $1");
sql!(MERGES_FORGET = "UPDATE patient_merges SET reason = '' WHERE survivor_id = $1 OR absorbed_id = $1");

/// Takes away what names the patient and is not sealed.
pub async fn forget(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&PATIENT_FORGET, args![patient, patient.to_string(), now]).await?;
    tx.run(&FAMILY_CONTACTS_FORGET, args![patient]).await?;
    tx.run(&MERGES_FORGET, args![patient]).await?;
    Ok(())
}
