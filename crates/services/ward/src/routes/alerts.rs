//! Alerts: listed, explained and resolved.
use std::collections::HashMap;

use access::{Caller, Grant, Read, Write, data};
use axum::extract::State;
use emergency::Answer;
use events::Log;
use kernel::{AlertId, App, Body, EncounterId, Error, Errors, PageQuery, Path, Query, Result, Success, Text as _};
use rules::RuleId;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use vault::{PatientKey, Vault};

use super::{encounter, hidden};
use crate::alerts::{self, Ending, Stored};
use crate::model::{Alert, AlertStatus, Alerts};
use crate::{judge, watch};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_encounter)).routes(routes!(one)).routes(routes!(resolve))
}

#[derive(Debug, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
struct AlertQuery {
    status: Option<AlertStatus>,
}

/// An encounter's alerts, newest first, each with its explanation.
#[utoipa::path(get, path = "/encounters/{encounter_id}/alerts", tag = "ward",
    params(("encounter_id" = EncounterId, Path, description = "The encounter"), AlertQuery, PageQuery),
    responses((status = 200, body = Success<Alerts>, description = "The alerts"), Errors))]
async fn of_encounter(
    caller: Caller,
    State(app): State<App>,
    Path(id): Path<EncounterId>,
    Query(query): Query<AlertQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Success<Alerts>> {
    let (_, grant) = encounter::<Read, data::Alerts>(&app, &caller, id).await?;
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let mut rows = alerts::of_encounter(&mut app.db(), &grant, (id, query.status), page.after()?, page.rows()).await?;
    let next_cursor = page.cut(&mut rows, |row| row.id.0);
    let alerts = rows.into_iter().map(|row| row.open(&grant, &key)).collect::<Result<_>>()?;
    Ok(Success::new(Alerts { alerts, next_cursor }))
}

/// One alert, with the rule, the values and the arithmetic behind it.
#[utoipa::path(get, path = "/alerts/{alert_id}", tag = "ward", params(("alert_id" = AlertId, Path, description = "The alert")),
    responses((status = 200, body = Success<Alert>, description = "The alert"), Errors))]
async fn one(caller: Caller, State(app): State<App>, Path(id): Path<AlertId>) -> Result<Success<Alert>> {
    let row = alerts::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("alert"))?;
    let grant = Grant::ask(&app, &caller, row.patient_id).await.map_err(|e| hidden(e, "alert"))?;
    require_shown(&grant, &row)?;
    let key = app.edge::<Vault>().key(&app.db(), row.patient_id).await?;
    Ok(Success::new(row.open(&grant, &key)?))
}

#[derive(Debug, Default, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct ResolveIn {
    /// What was done about it.
    #[garde(inner(length(max = 2000)))]
    #[schema(max_length = 2000)]
    notes: Option<String>,
}

/// Ends an alert by hand; treating staff only. A next abnormal reading opens a new one.
#[utoipa::path(patch, path = "/alerts/{alert_id}/resolve", tag = "ward", request_body = Option<ResolveIn>,
    params(("alert_id" = AlertId, Path, description = "The alert")),
    responses((status = 200, body = Success<Alert>, description = "The alert, resolved"), Errors))]
async fn resolve(
    caller: Caller,
    State(app): State<App>,
    Path(id): Path<AlertId>,
    Body(said): Body<ResolveIn>,
) -> Result<Success<Alert>> {
    let row = alerts::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("alert"))?;
    let write =
        Grant::<Write, data::Alerts>::ask(&app, &caller, row.patient_id).await.map_err(|e| hidden(e, "alert"))?;
    let read = Grant::ask(&app, &caller, write.patient()).await?;
    require_shown(&read, &row)?;
    let key = app.edge::<Vault>().key(&app.db(), row.patient_id).await?;
    end(&app, &write, &row, &key, said.notes).await?;
    let row = alerts::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("alert"))?;
    Ok(Success::new(row.open(&read, &key)?))
}

/// An alert of another time than the grant is for is not there.
fn require_shown(grant: &Grant<Read, data::Alerts>, row: &Stored) -> Result<()> {
    match grant.span().includes(row.opened_at) {
        true => Ok(()),
        false => Err(Error::not_found("alert")),
    }
}

async fn end(
    app: &App,
    grant: &Grant<Write, data::Alerts>,
    row: &Stored,
    key: &PatientKey,
    notes: Option<String>,
) -> Result<()> {
    let (log, now, by) = (app.edge::<Log>(), app.clock().now(), grant.actor());
    let mut tx = app.db().begin().await?;
    // A reading of this patient that comes in now waits for this, or this for it.
    signals::lock_latest(&mut tx, &[key]).await?;
    let ending = Ending { status: AlertStatus::Resolved, by: Some(by), notes: notes.clone(), at: now };
    if !alerts::end(&mut tx, row, key, &ending).await? {
        return Err(Error::conflict("the alert has ended already").about("status"));
    }
    let mut remembered = watch::load(&mut tx, &HashMap::from([(grant.patient(), key.clone())])).await?;
    if let (Some(rule), Some(state)) = (RuleId::from_code(&row.rule), remembered.get_mut(&grant.patient())) {
        state.resolve(rule);
        watch::put(&mut tx, &[(key, state)])?;
    }
    emergency::end_of_alert(&mut tx, log, key, row.id, Answer { responder: Some(by), notes }, now).await?;
    let body = json!({
        "event": "resolved", "alert_id": row.id, "type": row.rule, "severity": row.severity.word(),
        "patient_id": row.patient_id, "encounter_id": row.encounter_id, "by": by,
    });
    log.emit(&mut tx, judge::TOPIC, row.patient_id.0, body, now);
    Ok(tx.commit().await?)
}
