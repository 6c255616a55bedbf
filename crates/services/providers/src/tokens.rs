//! The tokens of a connection: sealed with the patient's key, and renewed by one worker at a time.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, Result};
use serde::{Deserialize, Serialize};
use store::{args, sql};
use vault::{PatientKey, Row};

use crate::connections::{self, Connection, ConnectionId};
use crate::oauth::{self, Granted};
use crate::provider::Providers;
use crate::trouble::Trouble;

/// Who the patient is at a provider, and what opens their data there.
#[derive(Serialize, Deserialize)]
pub struct Tokens {
    pub owner: String,
    pub access: String,
    pub refresh: Option<String>,
    pub expires_at: DateTime<Utc>,
}

/// A token to ask with, and which one it is.
pub struct Access {
    pub token: String,
    pub version: i64,
}

impl Tokens {
    pub fn of(owner: String, granted: Granted, before: Option<String>, now: DateTime<Utc>) -> Self {
        let expires_at = now + TimeDelta::seconds(granted.expires_in.clamp(60, 366 * 24 * 3600));
        Self { owner, access: granted.access_token, refresh: granted.refresh_token.or(before), expires_at }
    }

    pub fn seal(&self, key: &PatientKey, of: ConnectionId) -> Result<Vec<u8>> {
        key.seal(place(of), &serde_json::to_vec(self).map_err(Error::internal)?)
    }

    pub fn open(key: &PatientKey, of: &Connection) -> Result<Self> {
        serde_json::from_slice(&key.open(place(of.id), &of.sealed)?).map_err(Error::internal)
    }
}

fn place(id: ConnectionId) -> Row<'static> {
    Row { table: "provider_connections", id: id.0 }
}

/// A token this close to its end may not outlive the question.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// How long one worker may take to renew. It is longer than a question to the provider takes.
const RENEWS_WITHIN: TimeDelta = TimeDelta::seconds(30);
/// How often another looks whether it has.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 350;

/// A token that is good now. `not` names one that the provider did not take.
pub async fn access(app: &App, id: ConnectionId, key: &PatientKey, not: Option<i64>) -> Result<Access, Trouble> {
    for _ in 0..LOOKS {
        let found = connections::by_id(&mut app.db(), id).await?.filter(|found| found.ended_at.is_none());
        let connection = found.ok_or(Trouble::Ended { why: "it was disconnected" })?;
        let tokens = Tokens::open(key, &connection)?;
        let version = connection.tokens_version;
        if not != Some(version) && tokens.expires_at > app.clock().now() + MARGIN {
            return Ok(Access { token: tokens.access, version });
        }
        if claim(app, &connection).await? {
            renew(app, &connection, key, tokens).await?;
        } else {
            // Another renews them: a second question with the same token might end both.
            tokio::time::sleep(LOOK).await;
        }
    }
    Err(Trouble::later("the tokens are not renewed yet"))
}

sql!(
    TOKENS_CLAIM = "UPDATE provider_connections SET renewing_until = $3
    WHERE id = $1 AND tokens_version = $2 AND ended_at IS NULL AND (renewing_until IS NULL OR renewing_until < $4)"
);
sql!(TOKENS_LET_GO = "UPDATE provider_connections SET renewing_until = NULL WHERE id = $1 AND tokens_version = $2");
sql!(
    TOKENS_SET = "UPDATE provider_connections
    SET sealed = $3, tokens_version = tokens_version + 1, renewing_until = NULL
    WHERE id = $1 AND tokens_version = $2 AND ended_at IS NULL"
);

/// Of all who would renew these tokens, the database lets one through.
async fn claim(app: &App, of: &Connection) -> Result<bool> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let claimed = tx.run(&TOKENS_CLAIM, args![of.id, of.tokens_version, now + RENEWS_WITHIN, now]).await? > 0;
    tx.commit().await?;
    Ok(claimed)
}

async fn renew(app: &App, of: &Connection, key: &PatientKey, tokens: Tokens) -> Result<(), Trouble> {
    let providers = app.edge::<Providers>();
    let known = providers.application(of.provider)?;
    let gone = Trouble::Ended { why: "the access has run out; connect it again" };
    let refresh = tokens.refresh.ok_or(gone)?;
    let renewed = oauth::renew(providers.client(), of.provider, known, &refresh).await;
    let mut tx = app.db().begin().await?;
    let outcome = match renewed {
        Ok(granted) => {
            let next = Tokens::of(tokens.owner, granted, Some(refresh), app.clock().now());
            tx.run(&TOKENS_SET, args![of.id, of.tokens_version, next.seal(key, of.id)?]).await?;
            Ok(())
        }
        Err(trouble) => {
            tx.run(&TOKENS_LET_GO, args![of.id, of.tokens_version]).await?;
            Err(trouble)
        }
    };
    tx.commit().await?;
    match outcome {
        // Somebody else may be renewing whose claim has run out: once more, later, is soon enough to believe it.
        Err(Trouble::Ended { .. }) if of.failures == 0 => Err(Trouble::later("the provider does not renew the access")),
        outcome => outcome,
    }
}

/// The tokens of a connection that has ended, to be given back; none when they were forgotten.
pub fn left_over(key: &PatientKey, of: &Connection) -> Result<Option<Tokens>> {
    if of.sealed.is_empty() { Ok(None) } else { Tokens::open(key, of).map(Some) }
}
