//! Refresh tokens: opaque, kept as digests, good once. A family is all tokens that descend from one login.
use access::Entry;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result};
use serde::Deserialize;
use store::{Sql, Tx};
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

/// Exchanges a refresh token for a new pair. A used one that comes back after the grace time was copied by somebody:
/// nobody can tell who is the thief, so the whole family ends.
pub async fn renew(app: &App, ask: &RefreshIn) -> Result<LoggedIn> {
    let digest = vault::sha256(ask.refresh_token.as_bytes());
    let token = known(app, &digest).await?.ok_or_else(refused)?;
    let account = queries::user(&mut app.db(), token.user_id).await?.filter(|a| a.is_active).ok_or_else(refused)?;
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let answer = match spend(&mut tx, &digest, now).await? {
        Use::First | Use::Again => {
            let secret = issue(&mut tx, &token, now).await?;
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
    First,
    /// Used a moment ago: the answer was lost on its way.
    Again,
    Stolen,
}

async fn spend(tx: &mut Tx, digest: &[u8], now: DateTime<Utc>) -> Result<Use> {
    if queries::spend_refresh_token(tx, digest, now).await? {
        return Ok(Use::First);
    }
    used_at(tx, digest).await.map(|at| judge(at, now))
}

/// A token that is gone since it was read has expired: its family is over as well.
async fn used_at(sql: &mut impl Sql, digest: &[u8]) -> Result<DateTime<Utc>> {
    let token = queries::refresh_token(sql, digest).await?;
    token.and_then(|token| token.used_at).ok_or_else(refused)
}

fn judge(used_at: DateTime<Utc>, now: DateTime<Utc>) -> Use {
    if now - used_at <= GRACE { Use::Again } else { Use::Stolen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_token_is_forgiven_for_ten_seconds() {
        let used = DateTime::from_timestamp_micros(1_700_000_000_000_000).unwrap();
        assert_eq!(judge(used, used), Use::Again);
        assert_eq!(judge(used, used + GRACE), Use::Again);
        assert_eq!(judge(used, used + GRACE + TimeDelta::microseconds(1)), Use::Stolen);
        // Two processes' clocks differ a little.
        assert_eq!(judge(used, used - TimeDelta::seconds(1)), Use::Again);
    }
}
