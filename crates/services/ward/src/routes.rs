//! The ward over HTTP.
mod alerts;
mod encounters;
mod vitals;

use access::{Act, Caller, Data, Grant};
use axum::http::StatusCode;
use kernel::{App, EncounterId, Error, Result};
use utoipa_axum::router::OpenApiRouter;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(vitals::routes()).merge(encounters::routes()).merge(alerts::routes())
}

/// The admission behind an encounter's id, for somebody who may do `A` with its patient's `D`.
async fn encounter<A: Act, D: Data>(
    app: &App,
    caller: &Caller,
    id: EncounterId,
) -> Result<(hospitals::Admission, Grant<A, D>)> {
    let admission = hospitals::admission(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("encounter"))?;
    let grant: Grant<A, D> = Grant::ask(app, caller, admission.patient_id).await.map_err(|e| hidden(e, "encounter"))?;
    match grant.span().meets(admission.admitted_at, admission.discharged_at) {
        true => Ok((admission, grant)),
        false => Err(Error::not_found("encounter")),
    }
}

/// To a stranger the thing itself does not exist, so the answer must not name the patient.
fn hidden(error: Error, what: &str) -> Error {
    if error.status() == StatusCode::NOT_FOUND { Error::not_found(what) } else { error }
}
