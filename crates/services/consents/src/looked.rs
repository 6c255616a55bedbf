//! Who looked: the audit chain as a patient, a hospital and an administrator read it.
use access::{Caller, Entry, Record, Role};
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use kernel::{App, Error, HospitalId, Listed, PageQuery, PatientId, Result};
use uuid::Uuid;
use vault::{Vault, hex};

use crate::actors;
use crate::model::{Look, SignedHead};

/// A page of the entries about a patient, the newest first: every look, every refusal, every change.
pub async fn at_patient(app: &App, patient: PatientId, page: &PageQuery) -> Result<Listed<Look>> {
    let mut db = app.db();
    access::index_audit(&db).await?;
    let found = access::entries_about(&mut db, patient, before(page)?, page.rows() + page.skip()).await?;
    shown(app, found, page).await
}

/// A page of what a hospital's own staff did and saw, the newest first: the accounts that stand for it. 403 for another's.
pub async fn of_staff(
    app: &App,
    caller: &Caller,
    hospital: Option<HospitalId>,
    page: &PageQuery,
) -> Result<Listed<Look>> {
    let own = caller.reference.filter(|_| caller.role == Role::Hospital).map(HospitalId);
    let hospital = match (caller.role, hospital.or(own), own) {
        (Role::Admin, Some(named), _) => named,
        (Role::Admin, None, _) => return Err(Error::invalid("hospital", "is required: whose staff is it about")),
        (_, Some(named), Some(own)) if named == own => own,
        _ => return Err(Error::forbidden("a hospital sees what its own staff did")),
    };
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(caller, "read audit", hospital, app.clock().now()));
    tx.commit().await?;
    let mut db = app.db();
    access::index_audit(&db).await?;
    let staff: Vec<Uuid> = identity::accounts_of(&mut db, hospital.0).await?.into_iter().map(|id| id.0).collect();
    let found = access::entries_of(&mut db, &staff, before(page)?, page.rows() + page.skip()).await?;
    shown(app, found, page).await
}

async fn shown(app: &App, found: Vec<Record>, page: &PageQuery) -> Result<Listed<Look>> {
    let found: Vec<Record> = found.into_iter().skip(page.skip() as usize).collect();
    let names = actors::names(&mut app.db(), &found).await?;
    let listed = Listed::placed(found, page, |record| record.seq.to_string());
    Ok(listed.map(|record| {
        let name = names.get(&record.actor).cloned().flatten();
        Look::of(record, name)
    }))
}

fn before(page: &PageQuery) -> Result<i64> {
    let Some(cursor) = &page.cursor else { return Ok(i64::MAX) };
    cursor.parse().map_err(|_| Error::invalid("cursor", "is not a cursor of this list"))
}

/// The whole chain after an entry, up to where it ends now: one JSON object a line, as it is kept. Having asked for it is
/// its last entry.
pub async fn export(app: &App, caller: &Caller, after: i64) -> Result<Response> {
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(caller, "audit.export", after, app.clock().now()));
    tx.commit().await?;
    let end = access::audit_end(&mut app.db()).await?;
    let lines = stream::try_unfold((app.clone(), after), move |(app, after)| async move {
        let mut page = access::list(&mut app.db(), after).await?;
        page.retain(|record| record.seq <= end);
        let Some(last) = page.last().map(|record| record.seq) else { return Ok::<_, Error>(None) };
        Ok(Some((text(&page)?, (app, last))))
    });
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from_stream(lines)).into_response())
}

fn text(records: &[Record]) -> Result<Bytes> {
    let mut text = Vec::with_capacity(records.len() * 400);
    for record in records {
        serde_json::to_writer(&mut text, record).map_err(Error::internal)?;
        text.push(b'\n');
    }
    Ok(text.into())
}

/// Every day's signed end of the chain, the first day first.
pub async fn heads(app: &App) -> Result<Vec<SignedHead>> {
    let public_key = hex(&app.edge::<Vault>().attestor());
    let heads = access::audit_heads(&mut app.db()).await?;
    let shown = heads.into_iter().map(|head| SignedHead {
        day: head.day,
        seq: head.seq,
        hash: hex(&head.hash),
        signature: hex(&head.signature),
        public_key: public_key.clone(),
    });
    Ok(shown.collect())
}
