//! The marks on what is sensitive, over the tables of a chart.
use chrono::{DateTime, Utc};
use kernel::Result;
use store::{Tx, args, sql};
use uuid::Uuid;

use crate::model::Entry;

sql!(CONDITION_MARK = "UPDATE patient_conditions SET is_sensitive = $2, updated_at = $3 WHERE id = $1");
sql!(RECORD_MARK = "UPDATE medical_records SET is_sensitive = $2 WHERE id = $1");
sql!(
    PRESCRIPTION_MARK = "UPDATE prescriptions SET is_sensitive = $2, updated_at = $3, version = version + 1
    WHERE id = $1"
);
sql!(
    PRESCRIPTIONS_MARK = "UPDATE prescriptions SET is_sensitive = TRUE, updated_at = $2, version = version + 1
    WHERE record_id = $1 AND NOT is_sensitive"
);

/// Says whether an entry is sensitive. The patient's row is locked by the caller.
pub async fn set(tx: &mut Tx, (kind, id): (Entry, Uuid), is_sensitive: bool, now: DateTime<Utc>) -> Result<()> {
    match kind {
        Entry::Condition => tx.run(&CONDITION_MARK, args![id, is_sensitive, now]).await?,
        Entry::Prescription => tx.run(&PRESCRIPTION_MARK, args![id, is_sensitive, now]).await?,
        Entry::Record => {
            if is_sensitive {
                tx.run(&PRESCRIPTIONS_MARK, args![id, now]).await?;
            }
            tx.run(&RECORD_MARK, args![id, is_sensitive]).await?
        }
    };
    Ok(())
}
