//! Second factors: the sealed secret of an authenticator app, recovery codes, and logins that await one.
use chrono::{DateTime, Utc};
use kernel::{Result, UserId};
use store::{Args, Sql, Tx, args, from_row, sql};

/// A second factor as it is kept.
pub struct Factor {
    pub sealed: Vec<u8>,
    pub last_step: i64,
    pub confirmed_at: Option<DateTime<Utc>>,
}
from_row!(Factor { sealed, last_step, confirmed_at });

sql!(
    FACTOR_OF = "SELECT sealed, last_step, confirmed_at
    FROM second_factors
    WHERE user_id = $1"
);

/// An account's second factor, confirmed or not. Inside a transaction, lock the account first.
pub async fn of(sql: &mut impl Sql, user: UserId) -> Result<Option<Factor>> {
    Ok(sql.one(&FACTOR_OF, args![user]).await?)
}

sql!(
    FACTOR_PUT = "INSERT INTO second_factors (user_id, sealed, last_step, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, last_step = excluded.last_step,
        created_at = excluded.created_at, confirmed_at = NULL"
);

/// Keeps a new secret, which counts once it is confirmed.
pub async fn put(tx: &mut Tx, user: UserId, sealed: Vec<u8>, now: DateTime<Utc>) -> Result<()> {
    tx.run(&FACTOR_PUT, args![user, sealed, 0i64, now]).await?;
    Ok(())
}

sql!(FACTOR_CONFIRM = "UPDATE second_factors SET confirmed_at = $2 WHERE user_id = $1");

pub async fn confirm(tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<()> {
    tx.run(&FACTOR_CONFIRM, args![user, now]).await?;
    Ok(())
}

sql!(FACTOR_USE = "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2");

/// Uses up the code of a time step; false when it, or a later one, was used before.
pub async fn use_step(tx: &mut Tx, user: UserId, step: i64) -> Result<bool> {
    Ok(tx.run(&FACTOR_USE, args![user, step]).await? > 0)
}

sql!(FACTOR_DROP = "DELETE FROM second_factors WHERE user_id = $1");
sql!(RECOVERY_DROP = "DELETE FROM recovery_codes WHERE user_id = $1");

/// Removes an account's second factor; false when it had none.
pub async fn remove(tx: &mut Tx, user: UserId) -> Result<bool> {
    tx.run(&RECOVERY_DROP, args![user]).await?;
    Ok(tx.run(&FACTOR_DROP, args![user]).await? > 0)
}

sql!(RECOVERY_ADD = "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)");

/// Keeps these recovery codes' digests in place of those before.
pub async fn set_recovery(tx: &mut Tx, user: UserId, digests: Vec<Vec<u8>>) -> Result<()> {
    tx.run(&RECOVERY_DROP, args![user]).await?;
    let rows: Vec<Args> = digests.into_iter().map(|digest| args![user, digest]).collect();
    tx.run_each(&RECOVERY_ADD, &rows).await?;
    Ok(())
}

sql!(RECOVERY_TAKE = "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2");

/// Uses up a recovery code; false when there is no such code.
pub async fn take_recovery(tx: &mut Tx, user: UserId, digest: Vec<u8>) -> Result<bool> {
    Ok(tx.run(&RECOVERY_TAKE, args![user, digest]).await? > 0)
}

sql!(RECOVERY_LEFT = "SELECT COUNT(*) AS value FROM recovery_codes WHERE user_id = $1");

pub async fn recovery_left(sql: &mut impl Sql, user: UserId) -> Result<i64> {
    Ok(sql.one(&RECOVERY_LEFT, args![user]).await?.unwrap_or_default())
}

/// A login that awaits its second factor.
pub struct Challenge {
    pub user_id: UserId,
    pub device: String,
}
from_row!(Challenge { user_id, device });

sql!(
    CHALLENGE_ADD = "INSERT INTO login_challenges (token_hash, user_id, device, tries, expires_at)
    VALUES ($1, $2, $3, $4, $5)"
);

pub async fn add_challenge(
    tx: &mut Tx,
    digest: Vec<u8>,
    challenge: &Challenge,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    tx.run(&CHALLENGE_ADD, args![digest, challenge.user_id, &challenge.device, 0i64, expires_at]).await?;
    Ok(())
}

sql!(
    CHALLENGE_BY_HASH = "SELECT user_id, device
    FROM login_challenges
    WHERE token_hash = $1 AND expires_at > $2"
);

pub async fn challenge(sql: &mut impl Sql, digest: &[u8], now: DateTime<Utc>) -> Result<Option<Challenge>> {
    Ok(sql.one(&CHALLENGE_BY_HASH, args![digest.to_vec(), now]).await?)
}

sql!(
    CHALLENGE_TRY = "UPDATE login_challenges
    SET tries = tries + 1
    WHERE token_hash = $1 AND expires_at > $2 AND tries < $3"
);

/// Takes one of a challenge's tries; false when there is none left, or the challenge is gone.
pub async fn try_challenge(tx: &mut Tx, digest: &[u8], now: DateTime<Utc>, tries: i64) -> Result<bool> {
    Ok(tx.run(&CHALLENGE_TRY, args![digest.to_vec(), now, tries]).await? > 0)
}

sql!(CHALLENGE_DROP = "DELETE FROM login_challenges WHERE token_hash = $1");

pub async fn drop_challenge(tx: &mut Tx, digest: &[u8]) -> Result<()> {
    tx.run(&CHALLENGE_DROP, args![digest.to_vec()]).await?;
    Ok(())
}

sql!(CHALLENGES_SWEEP = "DELETE FROM login_challenges WHERE expires_at < $1");

/// Forgets logins that waited too long.
pub async fn sweep_challenges(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    tx.run(&CHALLENGES_SWEEP, args![before]).await?;
    Ok(())
}
