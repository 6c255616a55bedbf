//! Changing one's password, which ends every other session.
use access::{Anyone, By, Entry};
use kernel::{App, Error, Result, UserId, request};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::hash_password;
use crate::model::Credentials;
use crate::passwords::Passwords;
use crate::queries::{self, resets};
use crate::throttle::Throttle;

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct PasswordIn {
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub current_password: String,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// The same, in the words of another surface.
#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct PasswordChangeIn {
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub old_password: String,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// An old and a new password, and what the request calls the old one.
pub struct Change<'a> {
    pub old: &'a str,
    pub new: &'a str,
    pub member: &'static str,
}

impl<'a> From<&'a PasswordIn> for Change<'a> {
    fn from(ask: &'a PasswordIn) -> Self {
        Self { old: &ask.current_password, new: &ask.new_password, member: "current_password" }
    }
}

impl<'a> From<&'a PasswordChangeIn> for Change<'a> {
    fn from(ask: &'a PasswordChangeIn) -> Self {
        Self { old: &ask.old_password, new: &ask.new_password, member: "old_password" }
    }
}

/// Changes the caller's password and ends every session but the one at hand.
pub async fn change(app: &App, caller: &By<Anyone>, ask: Change<'_>) -> Result<()> {
    let known = proven(app, caller, ask.old, ask.member).await?;
    let new = hash_password(app, ask.new).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if !queries::set_password(&mut tx, &known, new, now).await? {
        return Err(Error::conflict("the password was changed in the meantime"));
    }
    resets::void(&mut tx, known.account.id).await?;
    // No new session appears before the commit: a login waits for the account's row, which is locked by now.
    if let Some(session) = caller.session {
        access::revoke_others(&mut tx, known.account.id, session, now).await?;
    }
    access::record(&mut tx, Entry::of(caller, "password.change", known.account.id, now));
    Ok(tx.commit().await?)
}

/// The caller's account, once the password was right. `member` is the request's member that holds it. A stolen session
/// is no way around the limit on guesses.
pub(crate) async fn proven(app: &App, caller: &By<Anyone>, given: &str, member: &str) -> Result<Credentials> {
    let known = queries::credentials(&mut app.db(), UserId(caller.actor)).await?;
    let known = known.ok_or_else(|| Error::unauthenticated("the account is gone"))?;
    let throttle = app.edge::<Throttle>();
    let tried = throttle.take(&caller.actor.to_string(), &request::current().from, app.clock().now())?;
    if !app.edge::<Passwords>().verify(given, Some(&known.password)).await?.right {
        put_down_wrong(app, caller).await?;
        return Err(Error::invalid(member, "is not your password"));
    }
    throttle.give_back(&tried);
    Ok(known)
}

/// Somebody who holds a session and guesses at its password leaves a trace.
async fn put_down_wrong(app: &App, caller: &By<Anyone>) -> Result<()> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let entry = Entry::of(caller, "password.prove", caller.actor, now).because("wrong password");
    access::record(&mut tx, Entry { allowed: false, ..entry });
    Ok(tx.commit().await?)
}
