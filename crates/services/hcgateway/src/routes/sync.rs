//! `/api/v2/sync/{method}` and `/api/v2/fetch/{method}`.
use access::data::Wearables;
use access::{By, Grant, Read, Write};
use axum::extract::State;
use axum::response::Response;
use kernel::{App, Error, Json, Path, Result};
use patients::{Oneself, oneself};

use super::Sent;
use crate::filter::Filter;
use crate::method::Method;
use crate::model::{FetchIn, Fetched, PhoneDone, RecordsIn, Synced, UuidsIn};
use crate::plain::PlainErrors;
use crate::{fetch, sync as syncing};

/// Takes records of one kind in, one or a list. The same record again is the same record, a later version replaces an
/// earlier one, and a record that nobody can read is set aside and counted. Kinds nobody knows are kept as they come.
#[utoipa::path(post, path = "/api/v2/sync/{method}", tag = "hcgateway", request_body = RecordsIn,
    params(("method" = String, Path, description = "The kind of the records, as `HeartRate` or `heartRate`")),
    responses((status = 200, body = Synced, description = "What became of the records"), PlainErrors))]
pub async fn sync(
    caller: By<Oneself>,
    State(app): State<App>,
    Path(method): Path<String>,
    Sent(body): Sent,
) -> Result<Json<Synced>> {
    let (patient, method) = (oneself(&caller)?, Method::named(&method)?);
    syncing::sync(&app, &caller, patient, method, body).await.map(Json)
}

/// Takes records out again, by their ids; what they measured is taken back. Ids that are not there are no fault.
#[utoipa::path(delete, path = "/api/v2/sync/{method}", tag = "hcgateway", request_body = UuidsIn,
    params(("method" = String, Path, description = "The kind of the records")),
    responses((status = 200, body = PhoneDone, description = "None of these records is there any more"), PlainErrors))]
pub async fn unsync(
    caller: By<Oneself>,
    State(app): State<App>,
    Path(method): Path<String>,
    body: Sent,
) -> Result<Json<PhoneDone>> {
    let (patient, method) = (oneself(&caller)?, Method::named(&method)?);
    let ids = body.json::<UuidsIn>("no uuid provided").await?.uuid.into_vec();
    let grant = Grant::<Write, Wearables>::ask(&app, &caller, patient).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !id.contains('\0')).collect();
    let mut tx = app.db().begin().await?;
    wearables::records::delete(&app, &mut tx, &caller, &grant, method.as_str(), &ids).await?;
    tx.commit().await?;
    Ok(Json(PhoneDone::YES))
}

/// Fetches records of one kind that fit a filter, in the order of their time.
#[utoipa::path(post, path = "/api/v2/fetch/{method}", tag = "hcgateway", request_body = FetchIn,
    params(("method" = String, Path, description = "The kind of the records, as `heartRate` or `HeartRate`")),
    responses((status = 200, body = Vec<Fetched>, description = "The records"), PlainErrors))]
pub async fn fetch(
    caller: By<Oneself>,
    State(app): State<App>,
    Path(method): Path<String>,
    body: Sent,
) -> Result<Response> {
    let (patient, method) = (oneself(&caller)?, Method::named(&method)?);
    let asked = body.0.read(|body| match body.iter().all(u8::is_ascii_whitespace) {
        true => Ok(FetchIn { queries: serde_json::Value::Null }),
        false => serde_json::from_slice(body).map_err(|_| Error::malformed("invalid request")),
    });
    let filter = Filter::read(&asked.await?.queries)?;
    let grant = Grant::<Read, Wearables>::ask(&app, &caller, patient).await?;
    fetch::fetch(&app, grant, method, filter).await
}
