//! Logging in and out: a name and a password become a session with its two tokens, or a challenge.
use access::{Anyone, By, Caller, Entry, NewSession};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result, SessionId, request};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use vault::{AadhaarText, Vault};

use crate::model::{Account, Credentials, User};
use crate::passwords::{Checked, Passwords};
use crate::queries::{self, RefreshToken, networks};
use crate::throttle::{Throttle, Try};
use crate::{by_aadhaar, challenge, names, refresh};

/// How long an access token is good for.
const ACCESS_LIVES: TimeDelta = TimeDelta::minutes(30);
/// How long a session can be renewed, from its login on.
pub(crate) const SESSION_LIVES: TimeDelta = TimeDelta::days(30);

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
    /// A patient's Aadhaar number, with spaces or dashes between its digits.
    #[serde(alias = "aadhaar_number")]
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    pub aadhar_number: Option<AadhaarText>,
    /// Any of the four.
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
        let name = name.map(by_aadhaar::one_spelling);
        let name = name.or_else(|| self.aadhar_number.as_ref().map(by_aadhaar::name));
        name.ok_or_else(|| Error::invalid("email", "is needed, or else a username, a phone or an Aadhaar number"))
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

/// How long an address counts as one that the account signs in from.
pub(crate) const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// How a login ended, before a session was opened.
pub(crate) enum Outcome {
    /// The account, locked in the transaction that is to open the session.
    Proven(Box<(Tx, Account)>),
    /// The password was right, and the account has a second factor.
    Challenged(String),
    Refused,
}

/// Checks name and password and opens a session, or asks for the second factor. Every refusal is the same 401 after the
/// same time; 429 when this address has tried too often.
pub async fn log_in(app: &App, ask: &LoginIn, device: String) -> Result<LoggedIn> {
    let (mut tx, account) = match prove(app, ask, &device).await? {
        Outcome::Proven(proven) => *proven,
        Outcome::Challenged(challenge) => return Err(challenge::go_on(challenge)),
        Outcome::Refused => return Err(Error::unauthenticated("the name or the password is wrong")),
    };
    let answer = open(&mut tx, app, account, device, app.clock().now()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// How a login with this name and password ends; 429 when this address has tried too often.
pub(crate) async fn prove(app: &App, ask: &LoginIn, device: &str) -> Result<Outcome> {
    let known = find(app, &ask.name()?).await?;
    let tried = take_tries(app, ask, known.as_ref()).await?;
    let outcome = check(app, known, ask, device).await;
    // Only a wrong name or password counts, not a moment when the server had no time.
    if !matches!(outcome, Ok(Outcome::Refused)) {
        tried.iter().for_each(|tried| app.edge::<Throttle>().give_back(tried));
    }
    outcome
}

/// The account of a name, which is in its one spelling.
pub(crate) async fn find(app: &App, name: &str) -> Result<Option<Credentials>> {
    let named = match by_aadhaar::is_number(name) {
        true => None,
        false => queries::credentials_by_name(&mut app.db(), name).await?,
    };
    // Asked for a name that was found, too, so that twelve digits take as long whosesoever they are.
    Ok(named.or(by_aadhaar::find(app, name).await?))
}

/// Takes this login's tries before anything is hashed. An account has one count, by whichever of its names it is tried; a
/// name that is nobody's has one as well, so that being turned away tells nothing.
async fn take_tries(app: &App, ask: &LoginIn, known: Option<&Credentials>) -> Result<Vec<Try>> {
    let (throttle, from, now) = (app.edge::<Throttle>(), request::current().from.clone(), app.clock().now());
    let account = known.map_or_else(|| ask.name(), |known| Ok(known.account.id.to_string()))?;
    let mut taken = vec![throttle.take(&account, &from, now)?];
    match throttle.take_stranger(&account, now) {
        Ok(tried) => taken.push(tried),
        // Somebody tries this account from many places; who signs in from here anyway is not kept waiting for that.
        Err(refused) => {
            let here = |known: &Credentials| (known.account.id, access::network(&from));
            let is_known = match known.map(here) {
                Some((user, network)) => networks::is_known(&mut app.db(), user, &network, now - REMEMBERED).await?,
                None => false,
            };
            if !is_known {
                throttle.give_back(&taken[0]);
                return Err(refused);
            }
        }
    }
    Ok(taken)
}

async fn check(app: &App, known: Option<Credentials>, ask: &LoginIn, device: &str) -> Result<Outcome> {
    let checked = app.edge::<Passwords>().verify(&ask.password, known.as_ref().map(|known| &known.password)).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let Some(account) = admit(&mut tx, known, &checked, now).await? else {
        // A refusal is committed too: it stands on the audit chain.
        tx.commit().await?;
        if networks::has_legacy_hashes(&mut app.db()).await? {
            checked.even_out().await;
        }
        return Ok(Outcome::Refused);
    };
    let Some(challenge) = challenge::make(&mut tx, account.id, device, now).await? else {
        return Ok(Outcome::Proven(Box::new((tx, account))));
    };
    tx.commit().await?;
    Ok(Outcome::Challenged(challenge))
}

/// The account, if it may come in; a refusal is put on the audit chain. The account is looked at again because it may
/// have been closed, or its password changed, while the password was checked.
async fn admit(
    tx: &mut Tx,
    known: Option<Credentials>,
    checked: &Checked,
    now: DateTime<Utc>,
) -> Result<Option<Account>> {
    let reason = match &known {
        None => "unknown account",
        Some(_) if !checked.right => "wrong password",
        Some(known) if !queries::is_unchanged(tx, known).await? => "closed account",
        Some(known) => {
            if let Some(anew) = &checked.anew {
                queries::set_password(tx, known, anew.clone(), now).await?;
                let entry = Entry::of(&known.account.as_caller(None), "password.rehash", known.account.id, now);
                access::record(tx, entry.because("an older system's hash"));
            }
            return Ok(Some(known.account.clone()));
        }
    };
    // Nobody is known to have asked: the program itself puts it down.
    let nobody = Caller::operator();
    let (caller, object) = match known {
        Some(known) => (known.account.as_caller(None), known.account.id.to_string()),
        None => (nobody, "unknown account".to_owned()),
    };
    access::record(tx, Entry { allowed: false, ..Entry::of(&caller, "login", object, now).because(reason) });
    Ok(None)
}

/// Opens a session for an account that is locked.
pub(crate) async fn open(
    tx: &mut Tx,
    app: &App,
    account: Account,
    device: String,
    now: DateTime<Utc>,
) -> Result<LoggedIn> {
    let ends = now + SESSION_LIVES;
    let user = account.id;
    let session = begin(tx, &account, device, ends, now).await?;
    let first = RefreshToken { family: session, user_id: user, expires_at: ends, used_at: None };
    let secret = refresh::issue(tx, &first, now).await?;
    answer(app, account, session, secret, now)
}

/// Begins the session of an account that is locked.
pub(crate) async fn begin(
    tx: &mut Tx,
    account: &Account,
    device: String,
    ends: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<SessionId> {
    let (user, role, reference) = (account.id, account.user_type, account.reference_id);
    let session = access::open(tx, NewSession { user, role, reference, device, expires_at: ends }, now).await?;
    access::record(tx, Entry::of(&account.as_caller(Some(session)), "login", session, now));
    networks::note(tx, user, &access::network(&request::current().from), now).await?;
    Ok(session)
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
