//! What a patient takes along: to whom they opened what, who acts for them, and who looked without asking.
use access::data::Consents;
use access::{Grant, Read};
use kernel::{App, Listed, PageQuery, Result};
use serde_json::Value;

use crate::queries::consents::Wanted;
use crate::{delegates, list, review};

/// A page of a patient's consents, the newest first, as they are answered.
pub async fn consents(app: &App, grant: &Grant<Read, Consents>, page: &PageQuery) -> Result<Listed<Value>> {
    let wanted = Wanted { patient: Some(grant.patient()), ..Wanted::default() };
    list::wanted_page(app, &wanted, page).await?.into_json()
}

/// A page of those who act or acted for the patient, the newest first.
pub async fn delegates(app: &App, grant: &Grant<Read, Consents>, page: &PageQuery) -> Result<Listed<Value>> {
    delegates::list(app, grant.patient(), page).await?.into_json()
}

/// A page of those who broke the glass over the patient's chart, with their reasons.
pub async fn broken_glass(app: &App, grant: &Grant<Read, Consents>, page: &PageQuery) -> Result<Listed<Value>> {
    review::of_patient(app, grant.patient(), page).await?.into_json()
}
