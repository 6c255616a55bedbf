//! What a patient takes along: every appointment, whatever became of it.
use access::{Grant, Read, data};
use kernel::{App, Listed, PageQuery, Result};
use serde_json::Value;

use crate::list;
use crate::queries::Wanted;

/// A page of a patient's appointments by the time they begin, as they are answered.
pub async fn appointments(
    app: &App,
    grant: &Grant<Read, data::Appointments>,
    page: &PageQuery,
) -> Result<Listed<Value>> {
    list::of_patient(app, grant, &Wanted::default(), page).await?.into_json()
}
