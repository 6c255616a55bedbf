//! What a patient takes along: all that is kept about the patient here, as it is answered to the patient.
use access::data::{Contacts, Records, Registration};
use access::{Grant, Read};
use kernel::{App, Error, Listed, PageQuery, Result};
use serde::Serialize;
use serde_json::Value;
use vault::Vault;

use crate::contact_points::owner;
use crate::model::{ConditionFilter, PrescriptionFilter, Stored};
use crate::queries::patients;
use crate::{conditions, contacts, family_history, health, insurance, merged, prescriptions, records};

/// The registration, also of a patient who was deactivated.
pub async fn registration(app: &App, grant: &Grant<Read, Registration>) -> Result<Value> {
    let stored = stored(app, grant.patient()).await?;
    plain(merged::answer(&mut app.db(), stored, app.clock().now()).await?)
}

/// Every way to reach the patient.
pub async fn contact_points(app: &App, grant: &Grant<Read, Contacts>) -> Result<Vec<Value>> {
    let owner = owner(&stored(app, grant.patient()).await?);
    ::contacts::list(&mut app.db(), &owner, None).await?.into_iter().map(plain).collect()
}

/// Who insures the patient.
pub async fn insurance(app: &App, grant: &Grant<Read, Registration>) -> Result<Value> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    plain(insurance::of(&mut app.db(), &key).await?)
}

/// The people to call.
pub async fn family_contacts(app: &App, grant: &Grant<Read, Contacts>, page: &PageQuery) -> Result<Listed<Value>> {
    contacts::list(app, grant, page).await?.into_json()
}

/// Allergies, chronic and other conditions.
pub async fn conditions(app: &App, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Listed<Value>> {
    conditions::list(app, grant, page, &ConditionFilter::default()).await?.into_json()
}

pub async fn records(app: &App, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Listed<Value>> {
    records::list(app, grant, page).await?.into_json()
}

pub async fn prescriptions(app: &App, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Listed<Value>> {
    prescriptions::list(app, grant, page, &PrescriptionFilter::default()).await?.into_json()
}

pub async fn family_history(app: &App, grant: &Grant<Read, Records>, page: &PageQuery) -> Result<Listed<Value>> {
    family_history::list(app, grant, page).await?.into_json()
}

pub async fn health_profile(app: &App, grant: &Grant<Read, Records>) -> Result<Value> {
    plain(health::show(app, grant).await?)
}

async fn stored(app: &App, patient: kernel::PatientId) -> Result<Stored> {
    patients::by_id(&app.db(), patient).await?.ok_or_else(|| Error::not_found("patient"))
}

fn plain<T: Serialize>(answer: T) -> Result<Value> {
    serde_json::to_value(answer).map_err(Error::internal)
}
