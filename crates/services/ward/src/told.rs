//! Alerts as they are told live: read once they are durable, for whoever follows the patient.
use access::{Grant, Read, data};
use events::Event;
use kernel::{AlertId, App, PatientId, Result};
use serde::Deserialize;
use vault::Vault;

use crate::alerts;
use crate::judge::TOPIC;
use crate::model::Alert;

/// What the event log says of an alert.
#[derive(Debug, Clone, Deserialize)]
pub struct AlertEvent {
    /// `opened`, `worsened`, `closed` or `resolved`.
    pub event: String,
    pub alert_id: AlertId,
    pub patient_id: PatientId,
}

impl AlertEvent {
    /// The topic under which they are in the log.
    pub const TOPIC: &'static str = TOPIC;

    /// None for what is no alert's.
    pub fn of(event: &Event) -> Option<Self> {
        Self::deserialize(&event.body).ok().filter(|said| said.patient_id.0 == event.subject)
    }
}

/// An alert as it is now; none when there is no such one of this patient.
pub async fn alert(app: &App, grant: &Grant<Read, data::Alerts>, id: AlertId) -> Result<Option<Alert>> {
    let row = alerts::by_id(&mut app.db(), id).await?.filter(|row| row.patient_id == grant.patient());
    let Some(row) = row else { return Ok(None) };
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    row.open(grant, &key).map(Some)
}
