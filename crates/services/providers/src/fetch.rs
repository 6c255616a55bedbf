//! Fetching: one job brings one connection up to date, with what was told of and, when it is due, with all that is new.
//!
//! While a job is at it the connection is leased to it. It gives the lease back and looks for what was told of meanwhile
//! under one lock, so that nothing that was put down is left waiting for nobody.
mod outcome;
mod session;
mod spans;

use access::data::Wearables;
use access::{Grant, Write};
use jobs::{Outcome, Run};
use kernel::{App, Error, Result, request};
use serde_json::json;

pub use session::{Fetched, Session};
pub use spans::{Span, since, with as with_notices};

use crate::connections::{self, Connection, ConnectionId, LEASE};
use crate::provider::{Provider, Providers};
use crate::trouble::Trouble;
use crate::{connect, fitbit, google, notices};

/// Does one job.
pub async fn run(app: &App, run: &Run) -> Outcome {
    let id: ConnectionId = serde_json::from_value(run.job.args["connection"].clone()).map_err(Error::internal)?;
    let known =
        request::Request { id: run.job.id.0.simple().to_string(), path: run.job.kind.clone(), ..Default::default() };
    let (app, job) = (app.clone(), run.job.id.0);
    request::scope(known, async move {
        let Some(connection) = begin(&app, id, job).await? else { return Ok(json!({"begun": false})) };
        let mut tally = Tally::default();
        let fetched = bring_up_to_date(&app, &connection, job, &mut tally).await;
        outcome::settle(&app, &connection, job, fetched, &tally).await?;
        Ok(json!({"points": tally.points, "records": tally.records}))
    })
    .await
}

/// What one job brought.
#[derive(Debug, Default)]
pub struct Tally {
    pub points: usize,
    pub records: usize,
    /// The first thing that the provider does not give.
    pub not_given: Option<&'static str>,
}

/// Takes the lease. None when the connection has ended, or another job is at it, which looks once more before it goes.
async fn begin(app: &App, id: ConnectionId, job: uuid::Uuid) -> Result<Option<Connection>> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let found = connections::lock(&mut tx, id).await?;
    let Some(mut begun) = found.filter(|found| found.ended_at.is_none() && !found.is_leased(now, Some(job))) else {
        return Ok(None);
    };
    (begun.leased_by, begun.leased_until) = (Some(job), Some(now + LEASE));
    connections::set(&mut tx, &begun).await?;
    tx.commit().await?;
    Ok(Some(begun))
}

async fn bring_up_to_date(
    app: &App,
    connection: &Connection,
    job: uuid::Uuid,
    tally: &mut Tally,
) -> Result<(), Trouble> {
    let Ok(known) = app.edge::<Providers>().application(connection.provider) else {
        return Err(Trouble::later("no application of the provider is set up here any more"));
    };
    let now = app.clock().now();
    // Asked before anything is fetched, and again by `wearables` when it is stored.
    if let Err(error) = connect::require_consent(&mut app.db(), connection.patient_id, now).await {
        return Err(if error.status().is_server_error() { error.into() } else { no_consent() });
    }
    // So is whether whoever connected it still may write.
    if let Err(error) = Grant::<Write, Wearables>::ask(app, &connection.caller(), connection.patient_id).await {
        return Err(if error.status().is_server_error() { error.into() } else { not_theirs() });
    }
    let mut session = Session::new(app, known, connection, job);
    if connection.provider == Provider::Fitbit && !connection.is_subscribed {
        fitbit::subscribe(&mut session).await?;
    }
    let told = notices::of(&mut app.db(), connection.id).await?;
    let spans = match connection.provider {
        Provider::Fitbit => fitbit::spans(&mut session, told, now).await?,
        Provider::GoogleHealth => google::spans(connection, told, now),
    };
    let mut put_off = Vec::new();
    for span in spans {
        let fetched = match connection.provider {
            Provider::Fitbit => fitbit::fetch(&mut session, &span, tally).await,
            Provider::GoogleHealth => google::fetch(&mut session, &span, tally).await,
        };
        match fetched {
            Ok(()) => {}
            // The others may be given all the same.
            Err(Trouble::Refused { why }) => tally.not_given = tally.not_given.or(Some(why)),
            Err(Trouble::Later { why, wait: None }) if put_off.len() < PASSED_OVER => {
                put_off.push(why);
                continue;
            }
            Err(trouble) => return Err(trouble),
        }
        session.done(&span).await?;
    }
    put_off.pop().map_or(Ok(()), |why| Err(Trouble::later(why)))
}

/// Questions that may fail before the others are left for later too.
const PASSED_OVER: usize = 2;

fn not_theirs() -> Trouble {
    Trouble::NotAllowed { why: "whoever connected it may not write for the patient" }
}

fn no_consent() -> Trouble {
    Trouble::NotAllowed { why: "the patient does not agree that what wearables send is kept" }
}
