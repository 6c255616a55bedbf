//! Tokens to set a password anew: kept as digests, good once.
use chrono::{DateTime, Utc};
use kernel::{Result, UserId};
use store::{Sql, Tx, args, sql};

sql!(
    RESET_ADD = "INSERT INTO password_resets (token_hash, user_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4)"
);

pub async fn add(
    tx: &mut Tx,
    digest: Vec<u8>,
    user: UserId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    tx.run(&RESET_ADD, args![digest, user, now, expires_at]).await?;
    Ok(())
}

sql!(
    RESETS_SINCE = "SELECT COUNT(*) AS value
    FROM password_resets
    WHERE user_id = $1 AND created_at > $2"
);

/// How many tokens were made for an account since a time.
pub async fn since(tx: &mut Tx, user: UserId, since: DateTime<Utc>) -> Result<i64> {
    Ok(tx.one(&RESETS_SINCE, args![user, since]).await?.unwrap_or_default())
}

sql!(
    RESET_OWNER = "SELECT user_id AS value
    FROM password_resets
    WHERE token_hash = $1 AND expires_at > $2"
);

/// Whose token this is, if it is still good.
pub async fn owner(sql: &mut impl Sql, digest: &[u8], now: DateTime<Utc>) -> Result<Option<UserId>> {
    Ok(sql.one(&RESET_OWNER, args![digest.to_vec(), now]).await?)
}

sql!(RESETS_DROP = "DELETE FROM password_resets WHERE user_id = $1");
sql!(CHALLENGES_DROP = "DELETE FROM login_challenges WHERE user_id = $1");

/// Voids what was sent to set an account's password anew, and its logins that are half done: the password has changed.
pub async fn void(tx: &mut Tx, user: UserId) -> Result<()> {
    tx.run(&RESETS_DROP, args![user]).await?;
    tx.run(&CHALLENGES_DROP, args![user]).await?;
    Ok(())
}

sql!(RESETS_SWEEP = "DELETE FROM password_resets WHERE expires_at < $1");

/// Forgets tokens that have expired.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    tx.run(&RESETS_SWEEP, args![before]).await?;
    Ok(())
}
