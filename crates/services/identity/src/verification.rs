//! Seeing whether an e-mail address or a phone is the account's: a code is sent there and comes back.
use access::{Anyone, By, Entry};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Quota, Result, UserId};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use vault::Vault;

use crate::model::{Account, User};
use crate::queries::{self, codes};
use crate::{Mail, Sms, account};

kernel::text_enum!(
    /// By what a code is sent.
    Channel {
        Email = "email",
        Phone = "phone",
    }
);

/// How long a code is good for.
const LIVES: TimeDelta = TimeDelta::minutes(10);
/// How often a code may be tried.
const TRIES: i64 = 5;
/// A message costs money, and its reader patience: one a minute, five an hour.
const A_MINUTE: Quota = Quota { name: "sent-code", tries: 1, seconds: 60 };
const AN_HOUR: Quota = Quota { name: "sent-codes", tries: 5, seconds: 3600 };

/// A code is on its way.
#[derive(Serialize, ToSchema)]
pub struct CodeSent {
    /// Where it was sent, so that the owner knows where to look.
    pub sent_to: String,
    /// Seconds that it is good for.
    pub expires_in: i64,
}

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct SentCodeIn {
    #[garde(length(chars, max = 64))]
    #[schema(max_length = 64)]
    pub code: String,
}

/// Sends a code to the caller's own address.
pub async fn send(app: &App, caller: &By<Anyone>, channel: Channel) -> Result<CodeSent> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let owner = locked(&mut tx, caller).await?;
    let target = target(&owner, channel)?.to_owned();
    let sent = next(codes::sent(&mut tx, owner.id, channel).await?, now)?;
    let code = vault::new_code()?;
    codes::put(&mut tx, owner.id, channel, digest(app, owner.id, channel, &target, &code), &sent, now + LIVES).await?;
    access::record(&mut tx, Entry::of(caller, "verification.send", channel, now));
    tx.commit().await?;
    deliver(app, channel, &target, &code).await?;
    Ok(CodeSent { sent_to: target, expires_in: LIVES.num_seconds() })
}

/// Takes the code that was sent.
pub async fn confirm(app: &App, caller: &By<Anyone>, channel: Channel, ask: &SentCodeIn) -> Result<User> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let owner = locked(&mut tx, caller).await?;
    let target = target(&owner, channel)?;
    let Some(kept) = codes::take_try(&mut tx, owner.id, channel, TRIES, now).await? else {
        let why = "cannot be tried: it was used, has expired, or was tried too often; have another sent";
        return Err(Error::invalid("code", why));
    };
    let typed: String = ask.code.chars().filter(|c| !c.is_whitespace()).collect();
    let right = vault::equal(&kept, &digest(app, owner.id, channel, target, &typed));
    if right {
        codes::drop_code(&mut tx, owner.id, channel).await?;
        codes::set_verified(&mut tx, owner.id, channel, now).await?;
    }
    let entry = Entry::of(caller, "verification.confirm", channel, now);
    access::record(&mut tx, Entry { allowed: right, ..entry });
    // A wrong try is committed too: there are five.
    tx.commit().await?;
    if !right {
        return Err(Error::invalid("code", "is wrong"));
    }
    let verified = account(&mut app.db(), owner.id).await?;
    verified.map(User::from).ok_or_else(|| Error::unauthenticated("the account is gone"))
}

async fn locked(tx: &mut Tx, caller: &By<Anyone>) -> Result<Account> {
    let found = queries::lock_user(tx, UserId(caller.actor)).await?;
    found.ok_or_else(|| Error::unauthenticated("the account is gone"))
}

/// Where the code goes, unless that was seen to be right already.
fn target(account: &Account, channel: Channel) -> Result<&str> {
    let (target, verified) = match channel {
        Channel::Email => (&account.email, account.email_verified_at),
        Channel::Phone => (&account.phone, account.phone_verified_at),
    };
    if verified.is_some() {
        return Err(Error::conflict(format!("the {channel} of this account is verified already")));
    }
    target.as_deref().ok_or_else(|| Error::conflict(format!("this account has no {channel}")))
}

/// The count of codes with the next one, if it may be sent.
fn next(before: Option<codes::Sent>, now: DateTime<Utc>) -> Result<codes::Sent> {
    let Some(before) = before else { return Ok(codes::Sent { sent: 1, first_sent_at: now, sent_at: now }) };
    let wait = |since: DateTime<Utc>, quota: Quota| (since - now).num_seconds() + i64::from(quota.seconds);
    let too_soon = |quota: Quota, seconds: i64| {
        quota.refused("codes were sent just now; look for them, or wait a little", seconds.unsigned_abs())
    };
    match (wait(before.sent_at, A_MINUTE), wait(before.first_sent_at, AN_HOUR)) {
        (seconds, _) if seconds > 0 => Err(too_soon(A_MINUTE, seconds)),
        (_, seconds) if seconds > 0 && before.sent >= i64::from(AN_HOUR.tries) => Err(too_soon(AN_HOUR, seconds)),
        (_, seconds) if seconds > 0 => {
            Ok(codes::Sent { sent: before.sent + 1, first_sent_at: before.first_sent_at, sent_at: now })
        }
        _ => Ok(codes::Sent { sent: 1, first_sent_at: now, sent_at: now }),
    }
}

/// Bound to the address it was sent to: a code for one says nothing of another.
fn digest(app: &App, user: UserId, channel: Channel, target: &str, code: &str) -> Vec<u8> {
    let channel = kernel::Text::word(&channel).as_bytes();
    app.edge::<Vault>().mac("contact_codes", &[user.0.as_bytes(), channel, target.as_bytes(), code.as_bytes()])
}

async fn deliver(app: &App, channel: Channel, target: &str, code: &str) -> Result<()> {
    let minutes = LIVES.num_minutes();
    let text = format!("Your Nadi code is {code}. It is good for {minutes} minutes. Nobody will ever ask you for it.");
    match channel {
        Channel::Email => app.edge::<Mail>().send(target, "Your Nadi code", &text).await,
        Channel::Phone => app.edge::<Sms>().send(target, &text).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_a_minute_and_five_an_hour() {
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let mut sent = next(None, start).unwrap();
        for minute in 1..5 {
            let now = start + TimeDelta::minutes(minute);
            let again = codes::Sent { ..sent };
            assert!(next(Some(again), now - TimeDelta::seconds(1)).is_err());
            sent = next(Some(sent), now).unwrap();
        }
        assert_eq!(sent.sent, 5);
        let again = codes::Sent { ..sent };
        assert_eq!(next(Some(again), start + TimeDelta::minutes(30)).err().unwrap().status(), 429);
        assert_eq!(next(Some(sent), start + TimeDelta::minutes(60)).unwrap().sent, 1);
    }
}
