//! Connecting: the patient goes to the provider to allow it, comes back with a code, and is connected.
//!
//! Whoever comes back must be who set out: signed in as the same account, or in the browser that has the cookie. Else
//! somebody could be talked into allowing their data into another's record.
use access::data::Wearables;
use access::{Caller, Grant, Role, Write};
use chrono::{DateTime, TimeDelta, Utc};
use jobs::NewJob;
use kernel::{App, Error, PatientId, Result, Text as _};
use serde_json::json;
use store::{Sql, Tx};
use vault::{PatientKey, Row, Vault};

use crate::connections::{self, Connection, ConnectionId};
use crate::journeys::{self, Journey};
use crate::oauth::{self, Granted};
use crate::provider::{Application, Provider, Providers};
use crate::tokens::Tokens;
use crate::trouble::Trouble;
use crate::{google, tell};

/// How long somebody may be away.
pub const AWAY: TimeDelta = TimeDelta::minutes(10);
/// How far back the first fetching goes.
const BACK: TimeDelta = TimeDelta::days(7);

/// Somebody about to set out.
pub struct Departure {
    pub authorization_url: String,
    pub expires_at: DateTime<Utc>,
    /// For the browser's cookie.
    pub secret: String,
    /// Whether the browser comes back over an encrypted connection.
    pub is_encrypted: bool,
}

/// Who comes back.
pub enum Arrival<'a> {
    SignedIn(&'a Caller),
    /// The cookie of a browser.
    Browser(&'a str),
}

/// Refuses all but the patient and who acts for the patient: what others may read is no reason to fetch it.
pub fn require_patient(caller: &Caller) -> Result<()> {
    match caller.role {
        Role::Patient => caller.must_be_person(),
        _ => Err(Error::forbidden("only for the patient, and for who acts for them")),
    }
}

/// Refuses without the patient's consent to keep what their wearables send.
pub async fn require_consent(sql: &mut impl Sql, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    match consents::wearable_consent(sql, patient, now).await? {
        Some(_) => Ok(()),
        None => Err(Error::forbidden("the patient has not consented to keeping what wearables send")),
    }
}

/// Sends the patient to a provider. 409 when it is connected already.
pub async fn begin(
    app: &App,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    provider: Provider,
) -> Result<Departure> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let known = app.edge::<Providers>().application(provider)?;
    require_consent(&mut app.db(), patient, now).await?;
    if connections::current(&mut app.db(), patient, provider).await?.is_some() {
        return Err(connected(provider));
    }
    let (state, verifier, secret) = (vault::new_secret()?, vault::new_secret()?, vault::new_secret()?);
    let authorization_url = oauth::authorization_url(provider, known, &state, &verifier)?;
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let journey = Journey {
        hash: vault::sha256(state.as_bytes()),
        patient_id: patient,
        provider,
        sealed: key.seal(place(patient), verifier.as_bytes())?,
        browser_hash: vault::sha256(secret.as_bytes()),
        actor: caller.actor,
        role: caller.role,
        reference: caller.reference,
        expires_at: now + AWAY,
    };
    let expires_at = journey.expires_at;
    let mut tx = app.db().begin().await?;
    journeys::add(&mut tx, journey, now).await?;
    tx.commit().await?;
    let is_encrypted = known.redirect_url.starts_with("https://");
    Ok(Departure { authorization_url, expires_at, secret, is_encrypted })
}

fn place(patient: PatientId) -> Row<'static> {
    Row { table: "provider_journeys", id: patient.0 }
}

fn connected(provider: Provider) -> Error {
    Error::conflict(format!("{} is connected already; disconnect it first", provider.name()))
}

/// Connects whoever comes back with a code. 422 about `state` when nobody is expected by it, 403 when somebody else is, 422
/// about `code` when the provider does not take it, 409 when the account there is connected already.
pub async fn finish(
    app: &App,
    provider: Provider,
    (state, code): (&str, &str),
    arrival: Arrival<'_>,
) -> Result<Connection> {
    let providers = app.edge::<Providers>();
    let known = providers.application(provider)?;
    let journey = expected(app, provider, state, &arrival).await?;
    let (patient, now) = (journey.patient_id, app.clock().now());
    let caller = match arrival {
        Arrival::SignedIn(caller) => caller.clone(),
        Arrival::Browser(_) => journey.caller(),
    };
    let grant = Grant::<Write, Wearables>::ask(app, &caller, patient).await?;
    require_consent(&mut app.db(), patient, now).await?;
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let verifier = String::from_utf8(key.open(place(patient), &journey.sealed)?).map_err(Error::internal)?;
    arrive(app, &journey).await?;
    let granted = oauth::exchange(providers.client(), provider, known, (code, &verifier)).await.map_err(refused)?;
    let owner = owner_of(providers, provider, known, &granted).await.map_err(refused)?;
    keep(app, &caller, &grant, &key, (provider, owner, granted)).await
}

/// The journey that ends here, provided that it is the arrival's own.
async fn expected(app: &App, provider: Provider, state: &str, arrival: &Arrival<'_>) -> Result<Journey> {
    let found = journeys::by_hash(&mut app.db(), &vault::sha256(state.as_bytes())).await?;
    let journey = found.filter(|found| found.provider == provider && app.clock().now() < found.expires_at);
    let journey = journey.ok_or_else(nobody)?;
    let is_own = match arrival {
        Arrival::SignedIn(caller) => caller.actor == journey.actor,
        Arrival::Browser(cookie) => vault::equal(&vault::sha256(cookie.as_bytes()), &journey.browser_hash),
    };
    if is_own { Ok(journey) } else { Err(Error::forbidden("this was begun by somebody else, or in another browser")) }
}

fn nobody() -> Error {
    Error::invalid("state", "is not known, was used or has expired; begin anew")
}

/// Ends a journey: what it brought is used once.
async fn arrive(app: &App, journey: &Journey) -> Result<()> {
    let mut tx = app.db().begin().await?;
    let own = journeys::use_up(&mut tx, &journey.hash).await?;
    tx.commit().await?;
    if own { Ok(()) } else { Err(nobody()) }
}

async fn owner_of(
    providers: &Providers,
    provider: Provider,
    known: &Application,
    granted: &Granted,
) -> Result<String, Trouble> {
    match provider {
        Provider::Fitbit => {
            granted.user_id.clone().ok_or(Trouble::Refused { why: "the provider does not say whose tokens they are" })
        }
        Provider::GoogleHealth => google::owner(providers.client(), known, &granted.access_token).await,
    }
}

fn refused(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Ours(error) => error,
        Trouble::Later { why, .. } => Error::unavailable(format!("{why}; begin anew in a while")),
        Trouble::Refused { .. } | Trouble::Unknown | Trouble::Ended { .. } | Trouble::NotAllowed { .. } => {
            Error::invalid("code", "is not taken by the provider; begin anew")
        }
    }
}

/// What an account at a provider is found by, without saying which it is.
pub fn owner_index(app: &App, provider: Provider, owner: &str) -> Vec<u8> {
    app.edge::<Vault>().mac("provider account", &[provider.word().as_bytes(), owner.as_bytes()])
}

async fn keep(
    app: &App,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    key: &PatientKey,
    (provider, owner, granted): (Provider, String, Granted),
) -> Result<Connection> {
    let (id, now) = (ConnectionId::new(), app.clock().now());
    let owner_index = owner_index(app, provider, &owner);
    let new = Connection {
        id,
        patient_id: grant.patient(),
        provider,
        owner_index,
        sealed: Tokens::of(owner, granted, None, now).seal(key, id)?,
        tokens_version: 1,
        connected_by: caller.actor,
        connected_role: caller.role,
        connected_reference: caller.reference,
        connected_at: now,
        is_subscribed: false,
        synced_to: now - BACK,
        kept_from: None,
        last_sync_at: None,
        next_sync_at: now,
        is_due: true,
        failures: 0,
        trouble: None,
        leased_by: None,
        leased_until: None,
        ended_at: None,
        ended_why: None,
    };
    let mut tx = app.db().begin().await?;
    patients::require_active(&mut tx, new.patient_id).await?;
    connections::add(&mut tx, &new).await.map_err(|error| {
        match (error.is_duplicate_of("owner_index"), error.is_duplicate_of("patient_id")) {
            (true, _) => Error::conflict("that account is connected to another patient"),
            (_, true) => connected(provider),
            _ => error.into(),
        }
    })?;
    tell::told(app, &mut tx, caller, ("provider.connected", "provider.connect"), &new, now);
    wake(app, &mut tx, &new).await?;
    tx.commit().await?;
    Ok(new)
}

/// Has what is new fetched, unless that is about to happen. `of` is locked, or new: the job that is at it looks once more
/// under that lock when it ends.
pub async fn wake(app: &App, tx: &mut Tx, of: &Connection) -> Result<()> {
    if of.is_leased(app.clock().now(), None) {
        return Ok(());
    }
    let open = jobs::open_of(tx, of.provider.fetching(), of.patient_id.0).await?;
    if let Some(open) = open
        && jobs::job(tx, open).await?.is_some_and(|job| job.state == jobs::State::Queued)
    {
        return Ok(());
    }
    wake_again(app, tx, of).await
}

/// As [`wake`], for the job itself that ends and found more.
pub async fn wake_again(app: &App, tx: &mut Tx, of: &Connection) -> Result<()> {
    let (kind, subject) = (of.provider.fetching(), of.patient_id.0);
    let new = NewJob { kind, subject, args: json!({"connection": of.id}), by: of.connected_by, run_after: None };
    jobs::enqueue(app, tx, new).await.map(drop)
}
