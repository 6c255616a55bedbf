//! What a patient takes along: which doctors look after the patient, and did.
use access::{Grant, Read, data};
use kernel::{App, Listed, PageQuery, Result};
use serde_json::Value;

use crate::queries::assignments;

/// A page of a patient's assignments, the first one first.
pub async fn assignments(app: &App, grant: &Grant<Read, data::CareTeam>, page: &PageQuery) -> Result<Listed<Value>> {
    let found = assignments::of_patient(&mut app.db(), grant.patient(), page).await?;
    Listed::new(found, page, |assignment| assignment.id).into_json()
}
