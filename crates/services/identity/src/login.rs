//! Logging in and out: a name and a password become a session with its two tokens.
use access::{Anyone, By, Caller, Entry, NewSession, Role};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result, SessionId, request};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;
use vault::Vault;

use crate::model::{Account, Credentials, User};
use crate::passwords::Passwords;
use crate::queries::{self, RefreshToken};
use crate::throttle::Throttle;
use crate::{names, refresh};

/// How long an access token is good for.
const ACCESS_LIVES: TimeDelta = TimeDelta::minutes(30);
/// How long a session can be renewed, from its login on.
const SESSION_LIVES: TimeDelta = TimeDelta::days(30);

/// One name, in whichever member, and the password.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct LoginIn {
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    pub username: Option<String>,
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    pub phone: Option<String>,
    /// Any of the three.
    #[garde(length(chars, max = 254))]
    #[schema(max_length = 254)]
    pub identifier: Option<String>,
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub password: String,
}

impl LoginIn {
    fn name(&self) -> Result<String> {
        let given = [&self.email, &self.username, &self.phone, &self.identifier];
        let name = given.into_iter().flatten().map(|name| names::spelled(name)).find(|name| !name.is_empty());
        name.ok_or_else(|| Error::invalid("email", "is needed, or else a username or a phone"))
    }
}

/// A session's two tokens and whose they are.
#[derive(Clone, Serialize, ToSchema)]
pub struct TokenPair {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Buys the next pair, once.
    pub refresh_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    pub user: User,
}

/// The pair twice: as the members of the answer, and in the ward surface's envelope.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    /// Always `success`.
    pub status: &'static str,
    #[serde(flatten)]
    pub pair: TokenPair,
    pub data: TokenPair,
}

/// Checks name and password and opens a session. Every refusal is the same 401 after the same time; 429 when this address
/// has tried too often.
pub async fn log_in(app: &App, ask: &LoginIn, device: String) -> Result<LoggedIn> {
    let (name, throttle) = (ask.name()?, app.edge::<Throttle>());
    // Before anything is looked up or hashed, so that turning away costs nothing and tells nothing of the account.
    let tried = throttle.take(&name, &request::current().from, app.clock().now())?;
    let answer = check(app, &name, ask, device).await;
    // Only a wrong name or password counts, not a moment when the server had no time.
    if !answer.as_ref().is_err_and(|error| error.status() == StatusCode::UNAUTHORIZED) {
        throttle.give_back(&tried);
    }
    answer
}

async fn check(app: &App, name: &str, ask: &LoginIn, device: String) -> Result<LoggedIn> {
    let known = queries::credentials_by_name(&mut app.db(), name).await?;
    let right = app.edge::<Passwords>().verify(&ask.password, known.as_ref().map(|known| &known.password)).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let answer = match admit(&mut tx, known, right.into(), now).await? {
        Some(account) => Some(open(&mut tx, app, account, device, now).await?),
        None => None,
    };
    // A refusal is committed too: it stands on the audit chain.
    tx.commit().await?;
    answer.ok_or_else(|| Error::unauthenticated("the name or the password is wrong"))
}

/// Whether a password was the account's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Password {
    Right,
    Wrong,
}

impl From<bool> for Password {
    fn from(right: bool) -> Self {
        if right { Self::Right } else { Self::Wrong }
    }
}

/// The account, if it may come in; a refusal is put on the audit chain. The account is looked at again because it may
/// have been closed, or its password changed, while the password was checked.
async fn admit(
    tx: &mut Tx,
    known: Option<Credentials>,
    password: Password,
    now: DateTime<Utc>,
) -> Result<Option<Account>> {
    let reason = match &known {
        None => "unknown account",
        Some(_) if password == Password::Wrong => "wrong password",
        Some(known) if !queries::is_unchanged(tx, known).await? => "closed account",
        Some(_) => return Ok(known.map(|known| known.account)),
    };
    // Nobody is known to have asked: the program itself puts it down.
    let nobody = Caller { actor: Uuid::nil(), role: Role::System, reference: None, session: None };
    let (caller, object) = match known {
        Some(known) => (known.account.as_caller(None), known.account.id.to_string()),
        None => (nobody, "unknown account".to_owned()),
    };
    access::record(tx, Entry { allowed: false, ..Entry::of(&caller, "login", object, now).because(reason) });
    Ok(None)
}

async fn open(tx: &mut Tx, app: &App, account: Account, device: String, now: DateTime<Utc>) -> Result<LoggedIn> {
    let ends = now + SESSION_LIVES;
    let (user, role, reference) = (account.id, account.user_type, account.reference_id);
    let session = access::open(tx, NewSession { user, role, reference, device, expires_at: ends }, now).await?;
    access::record(tx, Entry::of(&account.as_caller(Some(session)), "login", session, now));
    let first = RefreshToken { family: session, user_id: user, expires_at: ends, used_at: None };
    let secret = refresh::issue(tx, &first, now).await?;
    answer(app, account, session, secret, now)
}

/// The answer to a login and to a renewal alike.
pub fn answer(
    app: &App,
    account: Account,
    session: SessionId,
    refresh_token: String,
    now: DateTime<Utc>,
) -> Result<LoggedIn> {
    let expires_in = ACCESS_LIVES.num_seconds();
    let access_token = app.edge::<Vault>().tokens().sign(account.id.0, session.0, now.timestamp(), expires_in)?;
    let pair = TokenPair { access_token, refresh_token, token_type: "bearer", expires_in, user: account.into() };
    Ok(LoggedIn { status: "success", pair: pair.clone(), data: pair })
}

/// Ends the session the caller came with.
pub async fn log_out(tx: &mut Tx, caller: &By<Anyone>, now: DateTime<Utc>) -> Result<()> {
    let session = caller.session.ok_or_else(|| Error::unauthenticated("no session came with the token"))?;
    access::revoke(tx, session, now).await?;
    access::record(tx, Entry::of(caller, "logout", session, now));
    Ok(())
}
