//! What a patient takes along: what a phone sent that nobody could read, and what waits to be sent to one.
use access::data::Wearables;
use access::{Grant, Read};
use kernel::{App, Listed, PageQuery, Result};
use serde_json::{Value, json};
use vault::Vault;

use crate::push::Message;
use crate::queries::outbox;
use crate::{quarantine, sealed};

/// A page of what was skipped, the newest first, as it is answered.
pub async fn skipped(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Value>> {
    quarantine::list(app, grant, page).await?.into_json()
}

/// A page of what waits for phones, in the order it came.
pub async fn waiting(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Value>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = outbox::page(&mut app.db(), grant.patient(), page.after()?, page.rows()).await?;
    let shown = found.iter().map(|row| {
        let (id, created_at) = (row.id, row.created_at);
        let shown = match sealed::open::<Message>(&key, sealed::OUTBOX, id, &row.sealed) {
            Ok(message) => json!({"id": id, "created_at": created_at, "message": message}),
            // One that cannot be opened keeps nobody from taking the others along.
            Err(error) => {
                tracing::warn!(%error, %id, "what waits for a phone cannot be opened");
                json!({"id": id, "created_at": created_at, "message": null, "note": "cannot be opened"})
            }
        };
        (id, shown)
    });
    let shown = shown.collect::<Vec<_>>();
    Ok(Listed::new(shown, page, |(id, _)| *id).map(|(_, shown)| shown))
}
