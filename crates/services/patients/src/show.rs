//! Answering one patient.
use access::data::{Records, Registration};
use access::{Caller, Grant, Read, Role};
use kernel::{App, Error, Result};

use crate::model::{Include, Patient};
use crate::queries::patients;
use crate::{conditions, merged};

/// The patient, with allergies and chronic conditions when a second grant opens them. The deactivated are shown to
/// administrators alone.
pub async fn show(
    app: &App,
    caller: &Caller,
    grant: &Grant<Read, Registration>,
    records: Option<Grant<Read, Records>>,
) -> Result<Patient> {
    let found = patients::by_id(&app.db(), grant.patient()).await?;
    let shown = found.filter(|patient| patient.is_active || caller.role == Role::Admin);
    let stored = shown.ok_or_else(|| Error::not_found("patient"))?;
    let patient = merged::answer(&mut app.db(), stored, app.clock().now()).await?;
    let Some(grant) = records else { return Ok(patient) };
    let mut summary = conditions::summary(app, &grant).await?;
    for other in grant.others(app, caller).await? {
        summary.append(conditions::summary(app, &other).await?);
    }
    Ok(patient.with(summary))
}

/// Asks for the second grant that the answer needs; most need none, and this is the most frequent of all questions.
pub async fn ask(
    app: &App,
    caller: &Caller,
    grant: &Grant<Read, Registration>,
    include: Option<Include>,
) -> Result<Option<Grant<Read, Records>>> {
    match include {
        Some(Include::Records) => Grant::ask(app, caller, grant.patient()).await.map(Some),
        None => Ok(None),
    }
}
