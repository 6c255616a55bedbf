//! Logins in two steps: after the password, who has a second factor shows it under a challenge.
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result, UserId, request};
use serde::Deserialize;
use store::Tx;
use utoipa::ToSchema;

use crate::login::{self, LoggedIn};
use crate::queries::factors::{self, Challenge};
use crate::second_factor::{self, Proof};
use crate::throttle::Throttle;
use crate::{queries, second_factor::is_on};

/// How long the second step may take.
const LIVES: TimeDelta = TimeDelta::minutes(5);
/// Codes that may be tried under one challenge.
const TRIES: i64 = 5;

/// The challenge of the first step, and a code of the app or else a recovery code.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct SecondStepIn {
    #[garde(length(chars, max = 128))]
    #[schema(max_length = 128)]
    pub challenge: String,
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub code: Option<String>,
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub recovery_code: Option<String>,
}

/// Makes a challenge for a login whose password was right, if the account has a second factor.
pub(crate) async fn make(tx: &mut Tx, user: UserId, device: &str, now: DateTime<Utc>) -> Result<Option<String>> {
    if !is_on(tx, user).await? {
        return Ok(None);
    }
    let secret = vault::new_secret()?;
    let challenge = Challenge { user_id: user, device: device.to_owned() };
    factors::add_challenge(tx, vault::sha256(secret.as_bytes()), &challenge, now + LIVES).await?;
    Ok(Some(secret))
}

/// What a login is answered that goes on with a second step.
pub(crate) fn go_on(challenge: String) -> Error {
    Error::unauthenticated("a code of the authenticator is needed as well")
        .with("mfa_required", true)
        .with("challenge", challenge)
        .with("expires_in", LIVES.num_seconds())
}

/// The second step: the code is right once, and the session opens.
pub async fn meet(app: &App, ask: &SecondStepIn) -> Result<LoggedIn> {
    let (from, now) = (request::current().from.clone(), app.clock().now());
    app.edge::<access::Rates>().count_stranger(&from, now)?;
    let proof = Proof::of(ask.code.as_deref(), ask.recovery_code.as_deref())?;
    let digest = vault::sha256(ask.challenge.as_bytes());
    let challenge = factors::challenge(&mut app.db(), &digest, now).await?.ok_or_else(refused)?;
    let throttle = app.edge::<Throttle>();
    let tried = throttle.take_code(&challenge.user_id.to_string(), &from, now)?;
    let mut tx = app.db().begin().await?;
    let answer = open(app, &mut tx, &digest, &challenge, &proof, now).await?;
    // A refusal is committed too: it stands on the audit chain, and the try is gone.
    tx.commit().await?;
    if answer.is_some() {
        throttle.give_back(&tried);
    }
    answer.ok_or_else(refused)
}

async fn open(
    app: &App,
    tx: &mut Tx,
    digest: &[u8],
    challenge: &Challenge,
    proof: &Proof<'_>,
    now: DateTime<Utc>,
) -> Result<Option<LoggedIn>> {
    // The account is locked first, as everything does that changes what hangs on it.
    let Some(account) = queries::lock_user(tx, challenge.user_id).await? else { return Ok(None) };
    if !factors::try_challenge(tx, digest, now, TRIES).await? {
        return Ok(None);
    }
    if !proof.is_right(app, tx, account.id, now).await? {
        access::record(tx, second_factor::refused(&account.as_caller(None), account.id, now));
        return Ok(None);
    }
    factors::drop_challenge(tx, digest).await?;
    login::open(tx, app, account, challenge.device.clone(), now).await.map(Some)
}

fn refused() -> Error {
    Error::unauthenticated("the code is wrong or was used before, or this login took too long: then sign in anew")
}
