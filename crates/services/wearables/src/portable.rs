//! What a patient takes along: devices, records as their senders wrote them, and every point.
use access::data::Wearables;
use access::{Grant, Read};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Listed, PageQuery, Result};
use serde_json::{Value, json};
use signals::{Metric, Place, Window};
use vault::Vault;

use crate::queries::sources;
use crate::shown::{PointOut, Sources};
use crate::{devices, records};

/// A page of what sends data about the patient, removed devices too.
pub async fn devices(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Value>> {
    devices::list(app, grant, page).await?.into_json()
}

/// A page of the records, in the order they came, each as its sender wrote it.
pub async fn records(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Value>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = records::page(&mut app.db(), grant, page.after()?, page.rows()).await?;
    let open = |found: records::Found| {
        let record = found.open(grant, &key)?;
        let body: Value = serde_json::from_str(&record.body).map_err(Error::internal)?;
        let shown = json!({
            "id": record.id, "record_id": record.record_id, "kind": record.kind, "app": record.app,
            "start_time": record.from, "end_time": record.to, "received_at": record.received_at, "record": body,
        });
        Ok((record.id, shown))
    };
    let opened = found.into_iter().map(open).collect::<Result<Vec<_>>>()?;
    Ok(Listed::new(opened, page, |(id, _)| *id).map(|(_, shown)| shown))
}

/// Points of every metric after a place and before a time, in the order of their time, each with the place it stands at.
pub async fn points(
    app: &App,
    grant: &Grant<Read, Wearables>,
    (from, before): (DateTime<Utc>, DateTime<Utc>),
    after: Option<Place>,
    limit: usize,
) -> Result<Vec<(Place, Value)>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let names = Sources::of(&sources::all(&mut app.db(), grant.patient()).await?);
    let window = Window { metrics: Metric::ALL.to_vec(), from: from.timestamp_micros(), to: before.timestamp_micros() };
    let found = signals::history(&mut app.db(), grant, &key, &window, after, limit).await?;
    let shown = |found: &signals::Found| {
        let shown = serde_json::to_value(PointOut::of(found, &names)).map_err(Error::internal)?;
        Ok((Place::of(found), shown))
    };
    found.iter().map(shown).collect()
}
