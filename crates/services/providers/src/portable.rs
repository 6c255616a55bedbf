//! What a patient takes along, and what goes when a patient is erased.
use access::data::Wearables;
use access::{Grant, Read};
use chrono::{DateTime, Utc};
use kernel::{App, Listed, PageQuery, PatientId, Result};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;

use crate::connections::{self, Connection, ConnectionId};
use crate::provider::Provider;
use crate::{journeys, notices};

kernel::text_enum!(
    /// How a connection stands.
    ConnectionState {
        /// What is new is fetched.
        Connected = "connected",
        /// Fetching fails, and is tried again.
        Failing = "failing",
        Ended = "ended",
    }
);

/// A patient's account at a provider, and how fetching from it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderConnection {
    pub id: ConnectionId,
    pub patient_id: PatientId,
    pub provider: Provider,
    pub state: ConnectionState,
    pub connected_at: DateTime<Utc>,
    /// When everything was last fetched.
    pub last_sync_at: Option<DateTime<Utc>>,
    /// When it is fetched next, unless the provider tells of news before.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// How often in a row it failed.
    pub failures: i64,
    /// What went wrong last, or what is not given.
    pub trouble: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_why: Option<String>,
}

impl From<Connection> for ProviderConnection {
    fn from(kept: Connection) -> Self {
        let state = match (kept.ended_at, kept.failures) {
            (Some(_), _) => ConnectionState::Ended,
            (None, 0) => ConnectionState::Connected,
            (None, _) => ConnectionState::Failing,
        };
        Self {
            id: kept.id,
            patient_id: kept.patient_id,
            provider: kept.provider,
            state,
            connected_at: kept.connected_at,
            last_sync_at: kept.last_sync_at,
            next_sync_at: kept.ended_at.is_none().then_some(kept.next_sync_at),
            failures: kept.failures,
            trouble: kept.trouble,
            ended_at: kept.ended_at,
            ended_why: kept.ended_why,
        }
    }
}

/// A page of the accounts that the patient connected, the newest first.
pub async fn connections(
    app: &App,
    grant: &Grant<Read, Wearables>,
    page: &PageQuery,
) -> Result<Listed<ProviderConnection>> {
    let found = connections::of_patient(&mut app.db(), grant.patient(), page).await?;
    Ok(Listed::new(found, page, |connection| connection.id.0).map(ProviderConnection::from))
}

/// Forgets what a patient connected, and the tokens with it.
pub async fn forget(tx: &mut Tx, patient: PatientId) -> Result<()> {
    notices::forget(tx, patient).await?;
    connections::forget(tx, patient).await?;
    journeys::forget(tx, patient).await
}
