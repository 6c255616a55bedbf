//! Every statement of this crate, each followed by the function that runs it.
pub mod codes;
pub mod factors;
pub mod networks;
pub mod resets;

use access::Role;
use chrono::{DateTime, Utc};
use kernel::{Error, PageQuery, PatientId, Result, SessionId, UserId};
use store::{Sql, Tx, Where, args, from_row, sql};
use uuid::Uuid;

use crate::manage::UserFilter;
use crate::model::{Account, Credentials, NewAccount};

/// Reads accounts, perhaps with what proves them.
macro_rules! users {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT id, user_type, email, username, phone, name, reference_id, is_active, email_verified_at, phone_verified_at,
                created_at, updated_at",
            $more,
            "
            FROM users ",
            $rest
        )
    };
}

sql!(
    USER_ADD = "INSERT INTO users
    (id, user_type, email, username, phone, password_hash, legacy_hash, name, reference_id, is_active, created_at,
    updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, TRUE, $10, $10)"
);

/// Adds an account whose names are in their one spelling.
pub async fn add_user(tx: &mut Tx, new: NewAccount, now: DateTime<Utc>) -> Result<UserId> {
    let (id, legacy) = (UserId::new(), new.password.is_legacy());
    let NewAccount { email, username, phone, name, password, role, reference } = new;
    let row = args![id, role, email, username, phone, password, legacy, name, reference, now];
    tx.run(&USER_ADD, row).await.map_err(taken)?;
    Ok(id)
}

/// Says which name another account has already.
fn taken(error: store::Error) -> Error {
    let member = ["email", "username", "phone"].into_iter().find(|name| error.is_duplicate_of(name));
    match member {
        Some(member) => Error::conflict(format!("an account with this {member} exists")).about(member),
        None => error.into(),
    }
}

sql!(USER_BY_ID = users!("", "WHERE id = $1"));

pub async fn user(sql: &mut impl Sql, id: UserId) -> Result<Option<Account>> {
    Ok(sql.one(&USER_BY_ID, args![id]).await?)
}

/// The accounts of these ids.
pub async fn users_among(sql: &mut impl Sql, ids: &[UserId]) -> Result<Vec<Account>> {
    Ok(sql.find(Where::new(users!("", "")).among("id", ids)).await?)
}

sql!(CREDENTIALS_BY_NAME = users!(", password_hash", "WHERE email = $1 OR username = $1 OR phone = $1"));

/// The account of this name. No text is two kinds of name, so there is one at most.
pub async fn credentials_by_name(sql: &mut impl Sql, spelled: &str) -> Result<Option<Credentials>> {
    Ok(sql.one(&CREDENTIALS_BY_NAME, args![spelled]).await?)
}

sql!(
    CREDENTIALS_OF_PATIENT = users!(
        ", password_hash",
        "WHERE reference_id = $1 AND user_type = $2
    ORDER BY is_active DESC, id
    LIMIT 1"
    )
);

/// The account that stands for a patient: the first that is open.
pub async fn credentials_of_patient(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Credentials>> {
    Ok(sql.one(&CREDENTIALS_OF_PATIENT, args![patient, Role::Patient]).await?)
}

sql!(CREDENTIALS_BY_ID = users!(", password_hash", "WHERE id = $1"));

pub async fn credentials(sql: &mut impl Sql, id: UserId) -> Result<Option<Credentials>> {
    Ok(sql.one(&CREDENTIALS_BY_ID, args![id]).await?)
}

sql!(
    /// Locks the account until the transaction ends, so that nobody closes it or changes its password meanwhile.
    USER_ADMIT = "SELECT id AS value
    FROM users
    WHERE id = $1 AND password_hash = $2 AND is_active
    FOR UPDATE"
);

/// Whether the account is still open and its password still the one that was checked.
pub async fn is_unchanged(tx: &mut Tx, known: &Credentials) -> Result<bool> {
    Ok(tx.one::<UserId>(&USER_ADMIT, args![known.account.id, &known.password]).await?.is_some())
}

sql!(
    /// As [`USER_ADMIT`], whatever the password.
    USER_LOCK = users!("", "WHERE id = $1 AND is_active
    FOR UPDATE")
);

/// The open account of this id, locked until the transaction ends. What hangs on an account is changed after this, so
/// that two who change it come after each other.
pub async fn lock_user(tx: &mut Tx, id: UserId) -> Result<Option<Account>> {
    Ok(tx.one(&USER_LOCK, args![id]).await?)
}

sql!(
    PASSWORD_SET = "UPDATE users
    SET password_hash = $3, legacy_hash = FALSE, updated_at = $4
    WHERE id = $1 AND password_hash = $2 AND is_active"
);

/// Changes the password that was checked; false when it was changed, or the account closed, in between.
pub async fn set_password(
    tx: &mut Tx,
    known: &Credentials,
    new: crate::PasswordHash,
    now: DateTime<Utc>,
) -> Result<bool> {
    Ok(tx.run(&PASSWORD_SET, args![known.account.id, &known.password, new, now]).await? > 0)
}

sql!(
    USER_SET_ACTIVE = "UPDATE users
    SET is_active = $2, suspended_at = NULL, updated_at = $3
    WHERE id = $1 AND (is_active <> $2 OR suspended_at IS NOT NULL)"
);

/// Opens or closes an account; false when it was so before. One that a suspension closed is closed by hand from now on.
pub async fn set_active(tx: &mut Tx, id: UserId, is_active: bool, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&USER_SET_ACTIVE, args![id, is_active, now]).await? > 0)
}

sql!(
    PASSWORD_RESET = "UPDATE users
    SET password_hash = $2, legacy_hash = FALSE, updated_at = $3
    WHERE id = $1"
);

/// Gives an account another password, whatever it was.
pub async fn reset_password(tx: &mut Tx, id: UserId, new: crate::PasswordHash, now: DateTime<Utc>) -> Result<()> {
    tx.run(&PASSWORD_RESET, args![id, new, now]).await?;
    Ok(())
}

/// A page of accounts in the order of their ids.
pub async fn users(sql: &mut impl Sql, page: &PageQuery, which: &UserFilter) -> Result<Vec<Account>> {
    let filter = Where::new(users!("", ""))
        .and("id > ?", page.after()?)
        .and("user_type = ?", which.user_type)
        .and("reference_id = ?", which.reference_id)
        .tail("ORDER BY id LIMIT ? OFFSET ?", args![page.rows(), page.skip()]);
    Ok(sql.find(filter).await?)
}

sql!(
    USERS_CLOSE = "UPDATE users
    SET is_active = FALSE, updated_at = $2
    WHERE reference_id = $1 AND is_active
    RETURNING id AS value"
);

/// Closes the open accounts that stand for this patient, doctor or hospital, and tells which they were.
pub async fn close_users(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<Vec<UserId>> {
    Ok(tx.all(&USERS_CLOSE, args![reference, now]).await?)
}

sql!(
    USERS_SUSPEND = "UPDATE users
    SET is_active = FALSE, suspended_at = $2, updated_at = $2
    WHERE reference_id = $1 AND is_active
    RETURNING id AS value"
);

/// Closes the open accounts of somebody suspended, so that [`reinstate_users`] finds them again.
pub async fn suspend_users(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<Vec<UserId>> {
    Ok(tx.all(&USERS_SUSPEND, args![reference, now]).await?)
}

sql!(
    USERS_REINSTATE = "UPDATE users
    SET is_active = TRUE, suspended_at = NULL, updated_at = $2
    WHERE reference_id = $1 AND suspended_at IS NOT NULL"
);

/// Opens the accounts that were closed by a suspension.
pub async fn reinstate_users(tx: &mut Tx, reference: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.run(&USERS_REINSTATE, args![reference, now]).await?;
    Ok(())
}

/// A refresh token as it is kept: by its digest.
pub struct RefreshToken {
    pub family: SessionId,
    pub user_id: UserId,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}
from_row!(RefreshToken { family, user_id, expires_at, used_at });

sql!(
    REFRESH_ADD = "INSERT INTO refresh_tokens (token_hash, family, user_id, issued_at, expires_at)
    VALUES ($1, $2, $3, $4, $5)"
);

/// Keeps a new token's digest.
pub async fn add_refresh_token(tx: &mut Tx, digest: Vec<u8>, token: &RefreshToken, now: DateTime<Utc>) -> Result<()> {
    tx.run(&REFRESH_ADD, args![digest, token.family, token.user_id, now, token.expires_at]).await?;
    Ok(())
}

sql!(
    REFRESH_BY_HASH = "SELECT family, user_id, expires_at, used_at
    FROM refresh_tokens
    WHERE token_hash = $1"
);

pub async fn refresh_token(sql: &mut impl Sql, digest: &[u8]) -> Result<Option<RefreshToken>> {
    Ok(sql.one(&REFRESH_BY_HASH, args![digest.to_vec()]).await?)
}

sql!(
    REFRESH_SPEND = "UPDATE refresh_tokens
    SET used_at = $2
    WHERE token_hash = $1 AND used_at IS NULL"
);

/// Marks a token as used; false when it was used before. Of two who come at once, the database lets one through.
pub async fn spend_refresh_token(tx: &mut Tx, digest: &[u8], now: DateTime<Utc>) -> Result<bool> {
    Ok(tx.run(&REFRESH_SPEND, args![digest.to_vec(), now]).await? > 0)
}

sql!(
    /// Locks the token until the transaction ends: of two who bring it again at once, one comes after the other.
    REFRESH_LOCK = "SELECT family, user_id, expires_at, used_at
    FROM refresh_tokens
    WHERE token_hash = $1
    FOR UPDATE"
);

pub async fn lock_refresh_token(tx: &mut Tx, digest: &[u8]) -> Result<Option<RefreshToken>> {
    Ok(tx.one(&REFRESH_LOCK, args![digest.to_vec()]).await?)
}

/// When a token that was replaced before anybody used it counts as used: so long ago that nobody is forgiven for it.
pub const REPLACED: DateTime<Utc> = DateTime::UNIX_EPOCH;

sql!(
    REFRESH_REPLACE = "UPDATE refresh_tokens
    SET used_at = $4
    WHERE family = $1 AND token_hash <> $2 AND issued_at = $3 AND used_at IS NULL"
);

/// Puts the unused successors of a token, which are those issued when it was used, out of use.
pub async fn replace_successors(tx: &mut Tx, family: SessionId, of: &[u8], used_at: DateTime<Utc>) -> Result<()> {
    tx.run(&REFRESH_REPLACE, args![family, of.to_vec(), used_at, REPLACED]).await?;
    Ok(())
}

sql!(
    REFRESH_SUCCESSOR_USED = "SELECT family AS value
    FROM refresh_tokens
    WHERE family = $1 AND token_hash <> $2 AND issued_at = $3 AND used_at > $4
    LIMIT 1"
);

/// Whether somebody renewed with a successor of this token.
pub async fn was_successor_used(tx: &mut Tx, family: SessionId, of: &[u8], used_at: DateTime<Utc>) -> Result<bool> {
    let used = tx.one::<SessionId>(&REFRESH_SUCCESSOR_USED, args![family, of.to_vec(), used_at, REPLACED]).await?;
    Ok(used.is_some())
}

sql!(REFRESH_SWEEP = "DELETE FROM refresh_tokens WHERE expires_at < $1");

/// Forgets tokens that have expired.
pub async fn sweep_refresh_tokens(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    Ok(tx.run(&REFRESH_SWEEP, args![now]).await?)
}

sql!(
    ADMIN_BY_EMAIL = "SELECT id AS value
    FROM users
    WHERE email = $1 AND user_type = $2"
);

/// The administrator with this address.
pub async fn admin_by_email(sql: &mut impl Sql, email: &str) -> Result<Option<UserId>> {
    Ok(sql.one(&ADMIN_BY_EMAIL, args![email, Role::Admin]).await?)
}
