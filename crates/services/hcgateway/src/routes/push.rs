//! `/api/v2/push/{method}` and `/api/v2/delete/{method}`: towards the phone.
use access::data::Wearables;
use access::{By, Grant, Write};
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{App, Error, Json, Path, Result};
use patients::{Oneself, oneself};

use super::Sent;
use crate::batch;
use crate::method::Method;
use crate::model::{Pushed, RecordsIn, UuidsIn};
use crate::plain::PlainErrors;
use crate::push::{self as pushing, Message};

/// Keeps records that a phone is to write into its own store. 404 when no phone can be reached.
#[utoipa::path(put, path = "/api/v2/push/{method}", tag = "hcgateway", request_body = RecordsIn,
    params(("method" = String, Path, description = "The kind of the records")),
    responses((status = 202, body = Pushed, description = "Kept, and not sent yet"), PlainErrors))]
pub async fn push(
    caller: By<Oneself>,
    State(app): State<App>,
    Path(method): Path<String>,
    body: Sent,
) -> Result<(StatusCode, Json<Pushed>)> {
    let (patient, method) = (oneself(&caller)?, Method::named(&method)?);
    let records = body.0.read(|body| {
        let records = batch::records_of(body, pushing::RECORDS)?.into_iter().map(serde_json::from_str);
        records.collect::<Result<Vec<serde_json::Value>, _>>().map_err(|_| Error::malformed("invalid request"))
    });
    let message = Message::write(&method, records.await?.into());
    let grant = Grant::<Write, Wearables>::ask(&app, &caller, patient).await?;
    let pushed = pushing::push(&app, &caller, &grant, &message).await?;
    Ok((StatusCode::ACCEPTED, Json(pushed)))
}

/// Keeps the ids of records that a phone is to take out of its own store. 404 when no phone can be reached.
#[utoipa::path(delete, path = "/api/v2/delete/{method}", tag = "hcgateway", request_body = UuidsIn,
    params(("method" = String, Path, description = "The kind of the records")),
    responses((status = 202, body = Pushed, description = "Kept, and not sent yet"), PlainErrors))]
pub async fn take_out(
    caller: By<Oneself>,
    State(app): State<App>,
    Path(method): Path<String>,
    body: Sent,
) -> Result<(StatusCode, Json<Pushed>)> {
    let (patient, method) = (oneself(&caller)?, Method::named(&method)?);
    let ids = body.json::<UuidsIn>("no uuid provided").await?.uuid.into_vec();
    let grant = Grant::<Write, Wearables>::ask(&app, &caller, patient).await?;
    let pushed = pushing::push(&app, &caller, &grant, &Message::take_out(&method, ids)).await?;
    Ok((StatusCode::ACCEPTED, Json(pushed)))
}
