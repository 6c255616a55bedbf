//! The second factor: an authenticator app (RFC 6238), and recovery codes for when it is lost.
use access::{Admin, Anyone, By, Caller, Entry};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Result, UserId, request};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{SealedColumn, Vault, sealed_column};

use crate::model::Account;
use crate::queries::{self, factors};
use crate::throttle::Throttle;
use crate::{account, manage, password};

/// Seconds that a code counts.
const STEP: i64 = 30;
/// Recovery codes handed out at a time.
const RECOVERY: usize = 10;

/// The second factor of an account.
#[derive(Serialize, ToSchema)]
pub struct SecondFactor {
    /// Whether signing in asks for a code.
    pub enabled: bool,
    pub recovery_codes_left: i64,
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct EnrolIn {
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub password: String,
}

/// A secret for an authenticator app, shown this once. It counts when a code of it was confirmed.
#[derive(Serialize, ToSchema)]
pub struct Enrolled {
    /// To be typed into the app.
    pub secret: String,
    /// The same for a QR code.
    pub otpauth_url: String,
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct CodeIn {
    /// What the app shows.
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub code: String,
}

/// Recovery codes, shown this once. Each replaces one code of the app.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// The password, and a code of the app or else a recovery code.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct ProofIn {
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub password: String,
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub code: Option<String>,
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub recovery_code: Option<String>,
}

/// What somebody shows as their second factor.
pub(crate) enum Proof<'a> {
    Code(&'a str),
    Recovery(&'a str),
}

impl<'a> Proof<'a> {
    /// The one of the two that was sent; 422 when it was none.
    pub fn of(code: Option<&'a str>, recovery: Option<&'a str>) -> Result<Self> {
        match (code, recovery) {
            (Some(code), _) => Ok(Self::Code(code)),
            (None, Some(code)) => Ok(Self::Recovery(code)),
            (None, None) => Err(Error::invalid("code", "is needed, or else a recovery code")),
        }
    }

    /// Whether it is the account's, and uses it up. The account is locked.
    pub async fn is_right(&self, app: &App, tx: &mut Tx, user: UserId, now: DateTime<Utc>) -> Result<bool> {
        match self {
            Self::Code(code) => is_code(app, tx, user, code, now).await,
            Self::Recovery(code) => factors::take_recovery(tx, user, recovery_digest(app, user, code)).await,
        }
    }
}

/// Whether an account's sign-in asks for a second factor.
pub(crate) async fn is_on(tx: &mut Tx, user: UserId) -> Result<bool> {
    Ok(factors::of(tx, user).await?.is_some_and(|factor| factor.confirmed_at.is_some()))
}

pub async fn show(app: &App, caller: &By<Anyone>) -> Result<SecondFactor> {
    let user = UserId(caller.actor);
    let enabled = factors::of(&mut app.db(), user).await?.is_some_and(|factor| factor.confirmed_at.is_some());
    Ok(SecondFactor { enabled, recovery_codes_left: factors::recovery_left(&mut app.db(), user).await? })
}

/// Makes a secret for the caller's app. The password is asked for, so that a stolen session cannot shut the owner out.
pub async fn enrol(app: &App, caller: &By<Anyone>, ask: &EnrolIn) -> Result<Enrolled> {
    let owner = password::proven(app, caller, &ask.password, "password").await?.account;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    locked(&mut tx, owner.id).await?;
    if is_on(&mut tx, owner.id).await? {
        return Err(Error::conflict("an authenticator is set up already; remove it first"));
    }
    // As long as the digest, as RFC 4226 recommends.
    let secret = vault::random_bytes(20)?;
    let sealed = app.edge::<Vault>().seal_system(&purpose(owner.id), &secret)?;
    factors::put(&mut tx, owner.id, sealed, now).await?;
    access::record(&mut tx, Entry::of(caller, "second_factor.enrol", owner.id, now));
    tx.commit().await?;
    let secret = vault::base32(&secret);
    Ok(Enrolled { otpauth_url: otpauth(&owner, &secret), secret })
}

/// Turns the second factor on, once the app shows the right code.
pub async fn confirm(app: &App, caller: &By<Anyone>, ask: &CodeIn) -> Result<RecoveryCodes> {
    let (user, throttle) = (UserId(caller.actor), app.edge::<Throttle>());
    let tried = throttle.take_code(&user.to_string(), &request::current().from, app.clock().now())?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    locked(&mut tx, user).await?;
    let factor = factors::of(&mut tx, user).await?.ok_or_else(|| Error::conflict("no authenticator was enrolled"))?;
    if factor.confirmed_at.is_some() {
        return Err(Error::conflict("the authenticator is confirmed already"));
    }
    if !is_code(app, &mut tx, user, &ask.code, now).await? {
        return Err(wrong_code());
    }
    factors::confirm(&mut tx, user, now).await?;
    let codes = hand_out(app, &mut tx, user).await?;
    access::record(&mut tx, Entry::of(caller, "second_factor.enable", user, now));
    tx.commit().await?;
    throttle.give_back(&tried);
    Ok(codes)
}

/// Hands out new recovery codes in place of those before.
pub async fn renew_recovery_codes(app: &App, caller: &By<Anyone>, ask: &ProofIn) -> Result<RecoveryCodes> {
    let user = UserId(caller.actor);
    let (mut tx, now) = (proven(app, caller, ask).await?, app.clock().now());
    let codes = hand_out(app, &mut tx, user).await?;
    access::record(&mut tx, Entry::of(caller, "second_factor.recovery_codes", user, now));
    tx.commit().await?;
    Ok(codes)
}

/// Turns the second factor off.
pub async fn disable(app: &App, caller: &By<Anyone>, ask: &ProofIn) -> Result<()> {
    let user = UserId(caller.actor);
    let (mut tx, now) = (proven(app, caller, ask).await?, app.clock().now());
    factors::remove(&mut tx, user).await?;
    access::record(&mut tx, Entry::of(caller, "second_factor.disable", user, now));
    Ok(tx.commit().await?)
}

/// Removes the second factor of somebody who has lost both the app and the codes.
pub async fn remove(app: &App, caller: &By<Admin>, id: UserId) -> Result<()> {
    let account = account(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("account"))?;
    manage::refuse_oneself(caller, id)?;
    caller.must_be_person()?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if !factors::remove(&mut tx, id).await? {
        return Err(Error::not_found("second factor"));
    }
    manage::put_down(&mut tx, caller, "second_factor.remove", &account, now);
    Ok(tx.commit().await?)
}

/// A transaction in which the caller's account is locked, begun once password and code were right.
async fn proven(app: &App, caller: &By<Anyone>, ask: &ProofIn) -> Result<Tx> {
    let proof = Proof::of(ask.code.as_deref(), ask.recovery_code.as_deref())?;
    let owner = password::proven(app, caller, &ask.password, "password").await?.account;
    let throttle = app.edge::<Throttle>();
    let tried = throttle.take_code(&owner.id.to_string(), &request::current().from, app.clock().now())?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    locked(&mut tx, owner.id).await?;
    if !is_on(&mut tx, owner.id).await? {
        throttle.give_back(&tried);
        return Err(Error::conflict("no authenticator is set up"));
    }
    if !proof.is_right(app, &mut tx, owner.id, now).await? {
        return Err(wrong_code());
    }
    throttle.give_back(&tried);
    Ok(tx)
}

async fn locked(tx: &mut Tx, user: UserId) -> Result<Account> {
    queries::lock_user(tx, user).await?.ok_or_else(|| Error::unauthenticated("the account is gone"))
}

fn wrong_code() -> Error {
    Error::invalid("code", "is wrong, or was used before")
}

/// Whether the app shows this code, which counts once.
async fn is_code(app: &App, tx: &mut Tx, user: UserId, code: &str, now: DateTime<Utc>) -> Result<bool> {
    let Some(factor) = factors::of(tx, user).await? else { return Ok(false) };
    let secret = app.edge::<Vault>().open_system(&purpose(user), &factor.sealed)?;
    match matching_step(&secret, code, factor.last_step, now) {
        Some(step) => factors::use_step(tx, user, step).await,
        None => Ok(false),
    }
}

/// The time step of a code: this one, or one beside it for clocks that differ, but none that was used or is older.
fn matching_step(secret: &[u8], code: &str, last_step: i64, now: DateTime<Utc>) -> Option<i64> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let here = now.timestamp() / STEP;
    (here - 1..=here + 1).filter(|step| *step > last_step).find(|step| {
        let shown = u64::try_from(*step).map(|count| vault::hotp(secret, count));
        shown.is_ok_and(|shown| vault::equal(shown.as_bytes(), typed.as_bytes()))
    })
}

async fn hand_out(app: &App, tx: &mut Tx, user: UserId) -> Result<RecoveryCodes> {
    let recovery_codes: Vec<String> = (0..RECOVERY).map(|_| recovery_code()).collect::<Result<_>>()?;
    let digests = recovery_codes.iter().map(|code| recovery_digest(app, user, code)).collect();
    factors::set_recovery(tx, user, digests).await?;
    Ok(RecoveryCodes { recovery_codes })
}

/// Fifty bits, in two groups for the eye.
fn recovery_code() -> Result<String> {
    let letters = vault::base32(&vault::random_bytes(7)?).to_lowercase();
    Ok(format!("{}-{}", &letters[..5], &letters[5..10]))
}

fn recovery_digest(app: &App, user: UserId, code: &str) -> Vec<u8> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    app.edge::<Vault>().mac("recovery_codes", &[user.0.as_bytes(), plain.as_bytes()])
}

/// What is sealed here with the master key.
pub static SYSTEM: &[SealedColumn] =
    &[sealed_column!("second_factors"."sealed" of "CAST($1 AS uuid) IS NOT NULL" by (user_id: Uuid),
        |row| (purpose(UserId(row.user_id)), Uuid::nil()), System)];

fn purpose(user: UserId) -> String {
    format!("second_factors:{user}")
}

/// The address that authenticator apps read from a QR code.
fn otpauth(account: &Account, secret: &str) -> String {
    let name = account.email.as_ref().or(account.username.as_ref()).or(account.phone.as_ref());
    let name: String = name.map(String::as_str).unwrap_or_default().bytes().map(escaped).collect();
    format!("otpauth://totp/Nadi:{name}?secret={secret}&issuer=Nadi&algorithm=SHA1&digits=6&period={STEP}")
}

fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// How a caller's audit entries name a login that lacked its second factor.
pub(crate) fn refused(caller: &Caller, user: UserId, now: DateTime<Utc>) -> Entry {
    Entry { allowed: false, ..Entry::of(caller, "login", user, now).because("wrong second factor") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_for_its_half_minute_and_the_ones_beside_it_and_never_again() {
        let (secret, now) = (b"12345678901234567890", DateTime::from_timestamp(1_111_111_109, 0).unwrap());
        let here = 1_111_111_109 / STEP;
        let code = |step: i64| vault::hotp(secret, step as u64);
        assert_eq!(matching_step(secret, "081804", 0, now), Some(here));
        assert_eq!(matching_step(secret, " 081 804 ", 0, now), Some(here));
        for (step, counts) in [(here - 2, false), (here - 1, true), (here, true), (here + 1, true), (here + 2, false)] {
            assert_eq!(matching_step(secret, &code(step), 0, now).is_some(), counts, "{step}");
        }
        assert_eq!(matching_step(secret, "081804", here, now), None);
        assert_eq!(matching_step(secret, &code(here - 1), here, now), None);
        assert_eq!(matching_step(secret, "", 0, now), None);
    }

    #[test]
    fn a_name_fits_into_the_apps_address() {
        let escaped: String = "a+b@x y".bytes().map(escaped).collect();
        assert_eq!(escaped, "a%2Bb%40x%20y");
    }
}
