//! The one code that each patient may be waiting for: how it is kept, and how often one is sent and tried.
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Error, PatientId, Quota, Result};
use store::{Sql, Tx, args, from_row, sql};
use uuid::Uuid;

/// How long a code is good.
pub const LIVES: TimeDelta = TimeDelta::minutes(10);
/// Wrong codes until the right one is good no more.
pub const TRIES: i64 = 5;
/// The least time from one code to the next.
const BETWEEN: TimeDelta = TimeDelta::seconds(60);
/// Codes that are sent to one patient in [`WINDOW`], and patients who ask for one to the same number.
const SENDS: i64 = 5;
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// A code that was sent.
pub struct Pending {
    pub patient_id: PatientId,
    pub transaction_id: Uuid,
    /// Of the number that the code was sent for.
    pub blind_index: Vec<u8>,
    /// The number, bound to the transaction.
    pub sealed: Vec<u8>,
    /// Absent where the provider knows the code.
    pub code_hash: Option<Vec<u8>>,
    pub tries: i64,
    /// How many were sent since `counted_from`.
    pub sends: i64,
    pub counted_from: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// False once it was used.
    pub is_open: bool,
}
from_row!(Pending {
    patient_id,
    transaction_id,
    blind_index,
    sealed,
    code_hash,
    tries,
    sends,
    counted_from,
    sent_at,
    expires_at,
    is_open,
});

impl Pending {
    /// Whether a code may still be tried at it.
    pub fn may_be_tried(&self, transaction: Option<Uuid>, now: DateTime<Utc>) -> bool {
        let asked = transaction.is_none_or(|asked| asked == self.transaction_id);
        self.is_open && asked && self.expires_at > now && self.tries < TRIES
    }
}

sql!(
    CODE_LOCK =
        "SELECT patient_id, transaction_id, blind_index, sealed, code_hash, tries, sends, counted_from, sent_at,
        expires_at, is_open
    FROM aadhaar_codes
    WHERE patient_id = $1
    FOR UPDATE"
);
sql!(
    CODE_PUT = "INSERT INTO aadhaar_codes (patient_id, transaction_id, blind_index, sealed, code_hash, tries, sends,
        counted_from, sent_at, expires_at, is_open)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (patient_id) DO UPDATE SET transaction_id = excluded.transaction_id,
        blind_index = excluded.blind_index, sealed = excluded.sealed, code_hash = excluded.code_hash,
        tries = excluded.tries, sends = excluded.sends, counted_from = excluded.counted_from,
        sent_at = excluded.sent_at, expires_at = excluded.expires_at, is_open = excluded.is_open"
);
sql!(CODE_TRY = "UPDATE aadhaar_codes SET tries = tries + 1 WHERE patient_id = $1");
sql!(
    /// The number goes with it: nothing needs it any more.
    CODE_USE = "UPDATE aadhaar_codes SET is_open = FALSE, sealed = $3, code_hash = NULL
    WHERE patient_id = $1 AND transaction_id = $2 AND is_open
    RETURNING patient_id AS value"
);
sql!(
    NUMBER_ASKED = "SELECT COUNT(*) AS value FROM aadhaar_codes
    WHERE blind_index = $1 AND sent_at > $2 AND patient_id <> $3"
);

/// What was sent to a patient last, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, patient: PatientId) -> Result<Option<Pending>> {
    Ok(tx.one(&CODE_LOCK, args![patient]).await?)
}

/// Keeps a code in place of the one before.
pub async fn put(tx: &mut Tx, p: Pending) -> Result<()> {
    let mut values = args![p.patient_id, p.transaction_id, p.blind_index, p.sealed, p.code_hash, p.tries, p.sends];
    values.extend(args![p.counted_from, p.sent_at, p.expires_at, p.is_open]);
    tx.run(&CODE_PUT, values).await?;
    Ok(())
}

/// Counts a try.
pub async fn count_try(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&CODE_TRY, args![patient]).await?;
    Ok(())
}

/// Uses a code up; false when somebody was faster.
pub async fn use_up(tx: &mut Tx, patient: PatientId, transaction: Uuid) -> Result<bool> {
    let used = tx.one::<PatientId>(&CODE_USE, args![patient, transaction, Vec::<u8>::new()]).await?;
    Ok(used.is_some())
}

sql!(CODES_FORGET = "DELETE FROM aadhaar_codes WHERE patient_id = $1");

/// Forgets what was sent to a patient.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    tx.run(&CODES_FORGET, args![patient]).await?;
    Ok(())
}

/// The count after one more code for this patient, and since when it is counted; 429 when it is too many or too soon.
pub fn counted(before: Option<&Pending>, now: DateTime<Utc>) -> Result<(i64, DateTime<Utc>)> {
    let Some(before) = before else { return Ok((1, now)) };
    let soonest = before.sent_at + BETWEEN;
    if soonest > now {
        return Err(too_many(soonest - now));
    }
    match before.counted_from + WINDOW {
        ends if ends <= now => Ok((1, now)),
        ends if before.sends >= SENDS => Err(too_many(ends - now)),
        _ => Ok((before.sends + 1, before.counted_from)),
    }
}

/// Refuses a number that too many others ask codes for: its owner's phone would not stop ringing.
pub async fn refuse_much_asked(
    sql: &mut impl Sql,
    patient: PatientId,
    blind_index: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    let others: i64 =
        sql.one(&NUMBER_ASKED, args![blind_index.to_vec(), now - WINDOW, patient]).await?.unwrap_or_default();
    if others >= SENDS { Err(too_many(WINDOW)) } else { Ok(()) }
}

fn too_many(wait: TimeDelta) -> Error {
    let quota = Quota { name: "aadhaar-codes", tries: SENDS as u32, seconds: WINDOW.num_seconds() as u32 };
    let seconds = u64::try_from(wait.num_milliseconds()).unwrap_or_default().div_ceil(1000);
    Error::too_many("too many codes were asked for; wait a little").retry_after(seconds).under(quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn sent(sends: i64, minutes_ago: i64, at: DateTime<Utc>) -> Pending {
        Pending {
            patient_id: PatientId(Uuid::nil()),
            transaction_id: Uuid::from_u128(1),
            blind_index: Vec::new(),
            sealed: Vec::new(),
            code_hash: None,
            tries: 0,
            sends,
            counted_from: at - TimeDelta::minutes(minutes_ago),
            sent_at: at - TimeDelta::minutes(2),
            expires_at: at + TimeDelta::minutes(8),
            is_open: true,
        }
    }

    #[test]
    fn five_codes_an_hour_and_one_a_minute() {
        let now = start();
        assert_eq!(counted(None, now).ok(), Some((1, now)));
        assert_eq!(counted(Some(&sent(4, 30, now)), now).ok().map(|(sends, _)| sends), Some(5));
        assert!(counted(Some(&sent(5, 30, now)), now).is_err());
        assert_eq!(counted(Some(&sent(5, 60, now)), now).ok(), Some((1, now)));
        let just_now = Pending { sent_at: now - TimeDelta::seconds(59), ..sent(1, 1, now) };
        assert!(counted(Some(&just_now), now).is_err());
    }

    #[test]
    fn a_code_is_tried_five_times_for_ten_minutes_and_used_once() {
        let now = start();
        let is_good = |pending: Pending| pending.may_be_tried(None, now);
        assert!(is_good(sent(1, 2, now)));
        assert!(is_good(Pending { tries: TRIES - 1, ..sent(1, 2, now) }));
        assert!(!is_good(Pending { tries: TRIES, ..sent(1, 2, now) }));
        assert!(!is_good(Pending { expires_at: now, ..sent(1, 2, now) }));
        assert!(!is_good(Pending { is_open: false, ..sent(1, 2, now) }));
        assert!(sent(1, 2, now).may_be_tried(Some(Uuid::from_u128(1)), now));
        assert!(!sent(1, 2, now).may_be_tried(Some(Uuid::from_u128(2)), now));
    }
}
