//! Changing one's password, which ends every other session.
use access::{Anyone, By, Entry};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Result, UserId, request};
use serde::Deserialize;
use store::Tx;
use utoipa::ToSchema;

use crate::passwords::Passwords;
use crate::throttle::Throttle;
use crate::{hash_password, queries};

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct PasswordIn {
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub current_password: String,
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(min_length = 8, max_length = 128)]
    pub new_password: String,
}

/// Changes the caller's password and ends every session but the one at hand.
pub async fn change(app: &App, caller: &By<Anyone>, ask: &PasswordIn) -> Result<()> {
    let known = queries::credentials(&mut app.db(), UserId(caller.actor)).await?;
    let known = known.ok_or_else(|| Error::unauthenticated("the account is gone"))?;
    // A stolen session is no way around the limit on guesses.
    let throttle = app.edge::<Throttle>();
    let tried = throttle.take(&caller.actor.to_string(), &request::current().from, app.clock().now())?;
    let right = app.edge::<Passwords>().verify(&ask.current_password, Some(&known.password)).await?;
    if !right {
        return refuse_change(app, caller).await;
    }
    throttle.give_back(&tried);
    let new = hash_password(app, &ask.new_password).await?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    if !queries::set_password(&mut tx, &known, new, now).await? {
        return Err(Error::conflict("the password was changed in the meantime"));
    }
    end_others(&mut tx, caller, now).await?;
    access::record(&mut tx, Entry::of(caller, "password.change", known.account.id, now));
    Ok(tx.commit().await?)
}

/// Every session of an account has refresh tokens. No new one appears before the commit: a login waits for the
/// account's row, which the change of its password has locked.
async fn end_others(tx: &mut Tx, caller: &By<Anyone>, now: DateTime<Utc>) -> Result<()> {
    let others = queries::families(tx, UserId(caller.actor), now).await?;
    for session in others.into_iter().filter(|id| caller.session != Some(*id)) {
        access::revoke(tx, session, now).await?;
    }
    Ok(())
}

/// Somebody who holds a session and guesses at its password leaves a trace.
async fn refuse_change(app: &App, caller: &By<Anyone>) -> Result<()> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let entry = Entry::of(caller, "password.change", caller.actor, now).because("wrong password");
    access::record(&mut tx, Entry { allowed: false, ..entry });
    tx.commit().await?;
    Err(Error::invalid("current_password", "is not your password"))
}
