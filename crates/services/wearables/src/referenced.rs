//! The wearable data that medical records rest on, for whoever may see both.
use access::data::Wearables;
use access::{Caller, Grant, Read};
use axum::http::StatusCode;
use kernel::{App, Error, PatientId, Result};
use serde_json::Value;

use crate::data;

/// The data of these names, those that there are; none for somebody who may not see the patient's wearables.
pub async fn named(app: &App, caller: &Caller, patient: PatientId, names: &[String]) -> Result<Vec<Value>> {
    let grant: Grant<Read, Wearables> = match Grant::ask(app, caller, patient).await {
        Ok(grant) => grant,
        Err(why) if matches!(why.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        if let Some(datum) = data::one(app, &grant, name).await? {
            found.push(serde_json::to_value(datum).map_err(Error::internal)?);
        }
    }
    Ok(found)
}
