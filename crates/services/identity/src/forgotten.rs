//! A forgotten password: a token is sent to the account's own address, and sets another password once.
use std::sync::Arc;

use access::{Caller, Entry};
use chrono::TimeDelta;
use kernel::{App, Error, Result, request};
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::model::Account;
use crate::queries::{self, resets};
use crate::throttle::Throttle;
use crate::{Mail, Sms, hash_password, login, names};

/// How long a token is good for.
const LIVES: TimeDelta = TimeDelta::minutes(30);
/// Tokens made for one account in an hour: more are not sent, and nobody is told.
const AN_HOUR: i64 = 3;
/// Messages that may be on their way at once.
const AT_ONCE: usize = 32;
/// How often a message is tried to be sent, and how long is waited in between.
const TRIES: u32 = 3;
const PAUSE: std::time::Duration = std::time::Duration::from_secs(2);

/// The edge that bounds how many tokens are on their way.
pub(crate) struct Underway(Arc<Semaphore>);

impl Default for Underway {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct ForgottenIn {
    /// The account's e-mail, username or phone.
    #[garde(length(chars, max = 254), custom(kernel::not_blank))]
    #[schema(min_length = 1, max_length = 254)]
    pub login: String,
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct ResetIn {
    /// The token that was sent.
    #[garde(length(chars, max = 128))]
    #[schema(max_length = 128)]
    pub token: String,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// Begins to send a token, if there is such an account. Everything that depends on whether there is one happens after
/// the answer, so that neither the answer nor its time tells.
pub fn begin(app: &App, ask: &ForgottenIn) -> Result<()> {
    let (name, known) = (names::spelled(&ask.login), (*request::current()).clone());
    // No name has a space in it, so these tries are nobody's logins.
    app.edge::<Throttle>().take(&format!("reset {name}"), &known.from, app.clock().now())?;
    let full = |_| Error::unavailable("too many passwords are being reset at this moment; try again");
    let place = app.edge::<Underway>().0.clone().try_acquire_owned().map_err(full)?;
    let app = app.clone();
    tokio::spawn(request::scope(known, async move {
        let _held = place;
        if let Err(error) = send(&app, &name).await {
            tracing::warn!(%error, "a token to reset a password was not sent");
        }
    }));
    Ok(())
}

async fn send(app: &App, name: &str) -> Result<()> {
    let found = login::find(app, name).await?.map(|known| known.account);
    let Some(account) = found.filter(|account| account.is_active) else { return Ok(()) };
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let locked = queries::lock_user(&mut tx, account.id).await?;
    if locked.is_none() || resets::since(&mut tx, account.id, now - TimeDelta::hours(1)).await? >= AN_HOUR {
        return Ok(());
    }
    let secret = vault::new_secret()?;
    resets::add(&mut tx, vault::sha256(secret.as_bytes()), account.id, now, now + LIVES).await?;
    // Nobody is known to have asked: the program itself puts it down.
    let nobody = Caller::operator();
    access::record(&mut tx, Entry::of(&nobody, "password.forgotten", account.id, now));
    tx.commit().await?;
    deliver(app, &account, &secret).await
}

async fn deliver(app: &App, account: &Account, secret: &str) -> Result<()> {
    let mut tries = 1;
    loop {
        match deliver_once(app, account, secret).await {
            Err(_) if tries < TRIES => tries += 1,
            done => return done,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn deliver_once(app: &App, account: &Account, secret: &str) -> Result<()> {
    let minutes = LIVES.num_minutes();
    let text = format!(
        "Somebody, perhaps you, asked to set the password of your Nadi account anew. This token does it once within \
         {minutes} minutes:\n\n{secret}\n\nIf it was not you, do nothing: your password stays as it is."
    );
    match (&account.email, &account.phone) {
        (Some(email), _) => app.edge::<Mail>().send(email, "Your Nadi password", &text).await,
        (None, Some(phone)) => app.edge::<Sms>().send(phone, &text).await,
        (None, None) => Ok(()),
    }
}

/// Sets the password of whoever holds the token, and ends every session. A second factor stays.
pub async fn finish(app: &App, ask: &ResetIn) -> Result<()> {
    let refused = || Error::invalid("token", "is not valid, was used, or has expired");
    app.edge::<access::Rates>().count_stranger(&request::current().from, app.clock().now())?;
    let digest = vault::sha256(ask.token.as_bytes());
    let owner = resets::owner(&mut app.db(), &digest, app.clock().now()).await?.ok_or_else(refused)?;
    let new = hash_password(app, &ask.new_password).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let account = queries::lock_user(&mut tx, owner).await?.ok_or_else(refused)?;
    // Looked at again: of two who bring it at once, one has used it up.
    resets::owner(&mut tx, &digest, now).await?.ok_or_else(refused)?;
    queries::reset_password(&mut tx, account.id, new, now).await?;
    resets::void(&mut tx, account.id).await?;
    access::revoke_all(&mut tx, account.id, now).await?;
    let entry = Entry::of(&account.as_caller(None), "password.reset", account.id, now);
    access::record(&mut tx, entry.because("a token that was sent to the account"));
    Ok(tx.commit().await?)
}
