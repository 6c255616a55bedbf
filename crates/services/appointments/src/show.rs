//! Answering one appointment.
use access::{Grant, Read, data};
use kernel::{App, Error, Result};
use vault::Vault;

use crate::model::{Appointment, AppointmentId};
use crate::{queries, sealed};

/// An appointment of the grant's patient.
pub async fn show(app: &App, grant: &Grant<Read, data::Appointments>, id: AppointmentId) -> Result<Appointment> {
    let found = queries::by_id(&mut app.db(), id).await?.ok_or_else(|| Error::not_found("appointment"))?;
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    sealed::open(grant, &key, &found)
}
