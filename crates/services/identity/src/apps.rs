//! Sessions of apps with a protocol of their own: opened by a name and a password as every session is, and renewed by
//! whatever secret the app's surface keeps.
use access::{Caller, Entry};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Result, SessionId, UserId};
use store::Tx;
use vault::Vault;

use crate::login::{self, LoginIn, Outcome, SESSION_LIVES};
use crate::model::Account;
use crate::{queries, sessions};

/// What a name and a password turn out to be.
pub enum Proof {
    /// The account, locked in the transaction that is to open the session.
    Right(Box<(Tx, Account)>),
    /// The password was right, and a second factor is on, which the app cannot ask for.
    NeedsCode,
    Wrong,
}

/// Checks a name and a password: counted and put on the audit chain as every login. 429 when this address has tried too
/// often.
pub async fn prove_password(app: &App, name: String, password: String, device: &str) -> Result<Proof> {
    let identifier = Some(name);
    let ask = LoginIn { email: None, username: None, phone: None, aadhar_number: None, identifier, password };
    Ok(match login::prove(app, &ask, device).await? {
        Outcome::Proven(proven) => Proof::Right(proven),
        Outcome::Challenged(_) => Proof::NeedsCode,
        Outcome::Refused => Proof::Wrong,
    })
}

/// Opens a session of an account that [`prove_password`] answered.
pub async fn open_app_session(tx: &mut Tx, account: &Account, device: String, now: DateTime<Utc>) -> Result<SessionId> {
    login::begin(tx, account, device, now + SESSION_LIVES, now).await
}

/// Puts on the audit chain that a login was refused although the password was right.
pub fn refuse_app_session(tx: &mut Tx, account: &Account, why: &str, now: DateTime<Utc>) {
    let entry = Entry::of(&account.as_caller(None), "login", account.id, now).because(why);
    access::record(tx, Entry { allowed: false, ..entry });
}

/// An access token of a session, good for so long.
pub fn access_token(
    app: &App,
    user: UserId,
    session: SessionId,
    lives: TimeDelta,
    now: DateTime<Utc>,
) -> Result<String> {
    app.edge::<Vault>().tokens().sign(user.0, session.0, now.timestamp(), lives.num_seconds())
}

/// Renews a session that is in use, so that it ends when it was not used for long enough; false when it has ended already
/// or its account is closed.
pub async fn renew_app_session(app: &App, user: UserId, session: SessionId) -> Result<bool> {
    let open = queries::user(&mut app.db(), user).await?.is_some_and(|account| account.is_active);
    if !open || sessions::live(app, user, session).await?.is_none() {
        return Ok(false);
    }
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let renewed = access::prolong(&mut tx, session, now + SESSION_LIVES, now).await?;
    tx.commit().await?;
    Ok(renewed)
}

/// Ends the session this caller came with, if one did.
pub async fn end_app_session(tx: &mut Tx, caller: &Caller, now: DateTime<Utc>) -> Result<()> {
    let Some(session) = caller.session else { return Ok(()) };
    access::revoke(tx, session, now).await?;
    access::record(tx, Entry::of(caller, "logout", session, now));
    Ok(())
}
