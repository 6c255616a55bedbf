//! Codes that were sent to an address to see whether it is the account's.
use chrono::{DateTime, Utc};
use kernel::{Result, UserId};
use store::{Sql as _, Tx, args, from_row, sql};

use crate::verification::Channel;

/// How often codes were sent lately.
pub struct Sent {
    pub sent: i64,
    pub first_sent_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
}
from_row!(Sent { sent, first_sent_at, sent_at });

sql!(
    CONTACT_CODE_SENT = "SELECT sent, first_sent_at, sent_at
    FROM contact_codes
    WHERE user_id = $1 AND channel = $2"
);

pub async fn sent(tx: &mut Tx, user: UserId, channel: Channel) -> Result<Option<Sent>> {
    Ok(tx.one(&CONTACT_CODE_SENT, args![user, channel]).await?)
}

sql!(
    CONTACT_CODE_PUT = "INSERT INTO contact_codes
    (user_id, channel, code_hash, tries, sent, first_sent_at, sent_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (user_id, channel) DO UPDATE SET code_hash = excluded.code_hash, tries = excluded.tries,
        sent = excluded.sent, first_sent_at = excluded.first_sent_at, sent_at = excluded.sent_at,
        expires_at = excluded.expires_at"
);

/// Keeps a new code's digest in place of the one before.
pub async fn put(
    tx: &mut Tx,
    user: UserId,
    channel: Channel,
    digest: Vec<u8>,
    sent: &Sent,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = args![user, channel, digest, 0i64, sent.sent, sent.first_sent_at, sent.sent_at, expires_at];
    tx.run(&CONTACT_CODE_PUT, row).await?;
    Ok(())
}

sql!(
    CONTACT_CODE_TRY = "UPDATE contact_codes
    SET tries = tries + 1
    WHERE user_id = $1 AND channel = $2 AND tries < $3 AND expires_at > $4
    RETURNING code_hash AS value"
);

/// Takes one of a code's tries and answers its digest; none when it has expired or was tried as often already.
pub async fn take_try(
    tx: &mut Tx,
    user: UserId,
    channel: Channel,
    tries: i64,
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>> {
    Ok(tx.one(&CONTACT_CODE_TRY, args![user, channel, tries, now]).await?)
}

sql!(CONTACT_CODE_DROP = "DELETE FROM contact_codes WHERE user_id = $1 AND channel = $2");

pub async fn drop_code(tx: &mut Tx, user: UserId, channel: Channel) -> Result<()> {
    tx.run(&CONTACT_CODE_DROP, args![user, channel]).await?;
    Ok(())
}

sql!(EMAIL_VERIFIED = "UPDATE users SET email_verified_at = $2, updated_at = $2 WHERE id = $1");
sql!(PHONE_VERIFIED = "UPDATE users SET phone_verified_at = $2, updated_at = $2 WHERE id = $1");

/// Notes that an address is the account's.
pub async fn set_verified(tx: &mut Tx, user: UserId, channel: Channel, now: DateTime<Utc>) -> Result<()> {
    let statement = match channel {
        Channel::Email => &EMAIL_VERIFIED,
        Channel::Phone => &PHONE_VERIFIED,
    };
    tx.run(statement, args![user, now]).await?;
    Ok(())
}
