//! How the gateway and the patient's data are, for the app's own page.
use access::Grant;
use access::Read;
use access::data::Wearables;
use chrono::TimeDelta;
use kernel::{App, Result};

use crate::method::Method;
use crate::model::{Alive, DataSync, GatewayComponents, GatewayStatus, RecordCounts};

pub const OK: Alive = Alive { status: "ok" };

/// How many records of each kind there are. Kinds that other senders write, which no app could fetch here, are left out.
pub async fn counts(app: &App, grant: &Grant<Read, Wearables>) -> Result<RecordCounts> {
    let counts = wearables::records::counts(&mut app.db(), grant).await?;
    let ours = |kind: &str| Method::named(kind).is_ok_and(|method| method.as_str() == kind);
    Ok(RecordCounts(counts.into_iter().filter(|(kind, _)| ours(kind)).collect()))
}

/// Whether the phone still sends. An answer at all says that the database answers.
pub async fn status(app: &App, grant: &Grant<Read, Wearables>) -> Result<GatewayStatus> {
    let now = app.clock().now();
    let consent = consents::wearable_consent(&mut app.db(), grant.patient(), now).await?;
    let newest = wearables::records::newest_first(&mut app.db(), grant, &<_>::default(), None, (1, 0)).await?;
    let last_data = newest.first().map(wearables::records::Found::received_at);
    let status = match (consent, last_data) {
        (None, _) => "off",
        (_, None) => "unknown",
        (_, Some(last)) if now - last <= TimeDelta::hours(12) => "ok",
        (_, Some(last)) if now - last <= TimeDelta::hours(24) => "degraded",
        _ => "down",
    };
    let components = GatewayComponents { api: OK, db: OK, data_sync: DataSync { status, last_data } };
    Ok(GatewayStatus { components, checked_at: now })
}
