//! Refresh tokens: opaque, kept as digests, good once. A family is all tokens that descend from one login.
use access::{Entry, Rates};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result, request};
use serde::Deserialize;
use store::Tx;
use utoipa::ToSchema;

use crate::login::{self, LoggedIn};
use crate::queries::{self, RefreshToken};
use crate::sessions;

/// How long a used token may come back: the client lost the answer and asks again.
const GRACE: TimeDelta = TimeDelta::seconds(10);

#[derive(Deserialize, ToSchema, garde::Validate)]
pub struct RefreshIn {
    #[garde(length(chars, max = 1024))]
    #[schema(max_length = 1024)]
    pub refresh_token: String,
}

/// Exchanges a refresh token for a new pair. A used one that comes back was lost on its way or copied by somebody. Within
/// the grace time, and as long as its successor was not used, the successor is replaced: a family has one live token.
/// Otherwise nobody can tell who is the thief, so the whole family ends.
pub async fn renew(app: &App, ask: &RefreshIn) -> Result<LoggedIn> {
    app.edge::<Rates>().count_stranger(&request::current().from, app.clock().now())?;
    let digest = vault::sha256(ask.refresh_token.as_bytes());
    let token = known(app, &digest).await?.ok_or_else(refused)?;
    let account = queries::user(&mut app.db(), token.user_id).await?.filter(|a| a.is_active).ok_or_else(refused)?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let answer = match spend(&mut tx, &digest, now).await? {
        Use::Good { first } => {
            // Successors of one token carry one time, whenever they are made: that is how they are found.
            let secret = issue(&mut tx, &token, first).await?;
            access::touch(&mut tx, token.family, now).await?;
            Some(login::answer(app, account, token.family, secret, now)?)
        }
        Use::Stolen => {
            access::revoke(&mut tx, token.family, now).await?;
            let entry = Entry::of(&account.as_caller(Some(token.family)), "session.revoke", token.family, now);
            access::record(&mut tx, entry.because("a used refresh token came back"));
            tracing::warn!(user = %account.id, session = %token.family, "a used refresh token came back");
            None
        }
    };
    // The end of a stolen family is committed as a renewal is.
    tx.commit().await?;
    answer.ok_or_else(refused)
}

/// Makes the next token of a family and answers it; its digest is kept.
pub async fn issue(tx: &mut Tx, of: &RefreshToken, now: DateTime<Utc>) -> Result<String> {
    let secret = vault::new_secret()?;
    queries::add_refresh_token(tx, vault::sha256(secret.as_bytes()), of, now).await?;
    Ok(secret)
}

fn refused() -> Error {
    Error::unauthenticated("the refresh token is not valid, has expired, or its session has ended")
}

/// The token behind this digest, if its session still lives.
async fn known(app: &App, digest: &[u8]) -> Result<Option<RefreshToken>> {
    let found = queries::refresh_token(&mut app.db(), digest).await?;
    let Some(token) = found.filter(|token| token.expires_at > app.clock().now()) else { return Ok(None) };
    let session = sessions::live(app, token.user_id, token.family).await?;
    Ok(session.map(|_| token))
}

/// What a token that is presented turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Used now, or a moment ago for an answer that was lost on its way; `first` is when it was first used.
    Good {
        first: DateTime<Utc>,
    },
    Stolen,
}

async fn spend(tx: &mut Tx, digest: &[u8], now: DateTime<Utc>) -> Result<Use> {
    if queries::spend_refresh_token(tx, digest, now).await? {
        return Ok(Use::Good { first: now });
    }
    // A token that is gone since it was read has expired: its family is over as well.
    let token = queries::lock_refresh_token(tx, digest).await?.ok_or_else(refused)?;
    let first = token.used_at.ok_or_else(refused)?;
    if is_late(first, now) || !replace_successor(tx, &token, digest, first).await? {
        return Ok(Use::Stolen);
    }
    Ok(Use::Good { first })
}

/// Puts the successor of a token out of use; false when it was used already. The token is locked, so nobody makes another
/// successor meanwhile.
async fn replace_successor(tx: &mut Tx, of: &RefreshToken, digest: &[u8], first: DateTime<Utc>) -> Result<bool> {
    // In this order: the first waits for whoever is using the successor, and the second then sees that it was used.
    queries::replace_successors(tx, of.family, digest, first).await?;
    Ok(!queries::was_successor_used(tx, of.family, digest, first).await?)
}

fn is_late(used_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - used_at > GRACE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_token_is_forgiven_for_ten_seconds() {
        let used = DateTime::from_timestamp_micros(1_700_000_000_000_000).unwrap();
        assert!(!is_late(used, used));
        assert!(!is_late(used, used + GRACE));
        assert!(is_late(used, used + GRACE + TimeDelta::microseconds(1)));
        // Two processes' clocks differ a little.
        assert!(!is_late(used, used - TimeDelta::seconds(1)));
        // A token that was replaced is never forgiven.
        assert!(is_late(queries::REPLACED, used));
    }
}
