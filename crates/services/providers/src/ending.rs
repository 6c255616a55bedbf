//! The end of a connection: by the patient, by the provider, or because whoever connected it may not any more.
use access::data::Wearables;
use access::{Caller, Grant, Write};
use chrono::{DateTime, Utc};
use jobs::{NewJob, Outcome, Run};
use kernel::{App, Error, Result};
use serde_json::json;
use store::Tx;
use vault::Vault;

use crate::connections::{self, Connection, ConnectionId};
use crate::provider::{Provider, Providers};
use crate::trouble::Trouble;
use crate::{fitbit, notices, oauth, tell, tokens};

/// The kind of the jobs that give tokens back.
pub const LEAVING: &str = "provider.leave";
/// After so many tries the tokens are forgotten whether the provider took them back or not.
const TRIES: i64 = 3;

/// Disconnects a provider. From the commit on nothing more is fetched; the tokens are given back afterwards. 404 when it is
/// not connected.
pub async fn disconnect(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Wearables>,
    provider: Provider,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let absent = || Error::not_found("connection");
    let current = connections::current(tx, patient, provider).await?.ok_or_else(absent)?;
    let locked = connections::lock(tx, current.id).await?.ok_or_else(absent)?;
    if !end(app, tx, caller, &locked, "it was disconnected", now).await? {
        return Err(absent());
    }
    let args = json!({"connection": locked.id});
    let leave = NewJob { kind: LEAVING, subject: patient.0, args, by: caller.actor, run_after: None };
    jobs::enqueue(app, tx, leave).await.map(drop)
}

/// Ends a locked connection whose provider does not give access any more. The tokens are worth nothing and are forgotten.
pub async fn lost(app: &App, tx: &mut Tx, of: &Connection, why: &str, now: DateTime<Utc>) -> Result<()> {
    end(app, tx, &Caller::operator(), of, why, now).await?;
    connections::empty(tx, of.id).await
}

async fn end(app: &App, tx: &mut Tx, by: &Caller, of: &Connection, why: &str, now: DateTime<Utc>) -> Result<bool> {
    let ended = connections::end(tx, of.id, why, now).await?;
    notices::drop_all(tx, of.id).await?;
    if ended {
        tell::told(app, tx, by, ("provider.ended", "provider.end"), of, now);
    }
    Ok(ended)
}

/// Gives the tokens of an ended connection back, as well as that goes, and forgets them.
pub async fn leave(app: &App, run: &Run) -> Outcome {
    let id: ConnectionId = serde_json::from_value(run.job.args["connection"].clone()).map_err(Error::internal)?;
    let Some(ended) = connections::by_id(&mut app.db(), id).await?.filter(|found| found.ended_at.is_some()) else {
        return Ok(json!({"given_back": false}));
    };
    let given_back = match give_back(app, &ended).await {
        Ok(()) => true,
        Err(Trouble::Later { why, .. }) if run.job.attempts < TRIES => return Err(Error::unavailable(why)),
        Err(Trouble::Ours(error)) if error.status().is_server_error() && run.job.attempts < TRIES => return Err(error),
        Err(_) => false,
    };
    let mut tx = app.db().begin().await?;
    connections::empty(&mut tx, id).await?;
    tx.commit().await?;
    Ok(json!({"given_back": given_back}))
}

async fn give_back(app: &App, ended: &Connection) -> Result<(), Trouble> {
    let providers = app.edge::<Providers>();
    let known = providers.application(ended.provider)?;
    let key = app.edge::<Vault>().key(&app.db(), ended.patient_id).await?;
    let Some(tokens) = tokens::left_over(&key, ended)? else { return Ok(()) };
    if ended.provider == Provider::Fitbit && ended.is_subscribed {
        // Without the token nobody is told anything any more either.
        let _ = fitbit::unsubscribe(providers.client(), known, ended.id, &tokens.access).await;
    }
    let token = tokens.refresh.as_deref().unwrap_or(&tokens.access);
    oauth::revoke(providers.client(), ended.provider, known, token).await
}
