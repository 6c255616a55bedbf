//! What a patient takes along: observations, alerts and readings, as they are answered.
use access::{Grant, Read, data};
use chrono::{DateTime, Utc};
use kernel::{App, Error, Listed, PageQuery, Result};
use serde_json::Value;
use signals::Cursor;
use vault::Vault;

use crate::vitals::ReadingOut;
use crate::{alerts, observations};

/// A page of everything that was observed, the first note first.
pub async fn observations(app: &App, grant: &Grant<Read, data::Care>, page: &PageQuery) -> Result<Listed<Value>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = observations::of_patient(&mut app.db(), grant, &key, page.after()?, page.rows()).await?;
    Listed::new(found, page, |observation| observation.id).into_json()
}

/// A page of every alert, the first one first, each with its explanation.
pub async fn alerts(app: &App, grant: &Grant<Read, data::Alerts>, page: &PageQuery) -> Result<Listed<Value>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = alerts::of_patient(&mut app.db(), grant.patient(), page.after()?, page.rows()).await?;
    let opened = found.into_iter().map(|row| row.open(grant, &key)).collect::<Result<Vec<_>>>()?;
    Listed::new(opened, page, |alert| alert.id.0).into_json()
}

/// Readings after a place and before a time, in the order of their time, each with the place it stands at.
pub async fn readings(
    app: &App,
    grant: &Grant<Read, data::Vitals>,
    after: Cursor,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(Cursor, Value)>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = signals::between(&mut app.db(), grant, &key, after, before, limit).await?;
    let shown = |reading: &signals::Reading| {
        let shown = serde_json::to_value(ReadingOut::from(reading)).map_err(Error::internal)?;
        Ok((Cursor::of(reading), shown))
    };
    found.iter().map(shown).collect()
}
