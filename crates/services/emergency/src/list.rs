//! Lists of emergencies: only those of patients the caller may see, each patient's look on the audit chain.
use std::collections::HashMap;

use access::{Action, Caller, Category, Grant, Read, data, decide};
use kernel::{App, Listed, PageQuery, PatientId, Result};
use uuid::Uuid;
use vault::Vault;

use crate::model::{Emergency, ListQuery};
use crate::queries::{self, Stored, Which};

fn which(query: &ListQuery) -> Which {
    if query.active_only.unwrap_or(true) { Which::Open } else { Which::All }
}

/// The emergencies this caller may see, newest first.
pub async fn visible(app: &App, caller: &Caller, query: &ListQuery, page: &PageQuery) -> Result<Listed<Emergency>> {
    let (mut shown, mut before, mut skip) = (Vec::new(), page.after()?, page.skip());
    while (shown.len() as i64) < page.rows() {
        let rows = queries::page(&mut app.db(), which(query), query.severity, before, 200).await?;
        let Some(last) = rows.last().map(|r| r.id.0) else { break };
        before = Some(last);
        for emergency in permitted(app, caller, rows).await? {
            match skip {
                0 => shown.push(emergency),
                _ => skip -= 1,
            }
        }
    }
    shown.truncate(page.limit() + 1);
    Ok(Listed::new(shown, page, |e| e.id.0))
}

async fn permitted(app: &App, caller: &Caller, rows: Vec<Stored>) -> Result<Vec<Emergency>> {
    let mut patients: Vec<Uuid> = rows.iter().map(|r| r.patient_id.0).collect();
    patients.sort_unstable();
    patients.dedup();
    let mut grants: HashMap<PatientId, Grant<Read, data::Emergencies>> = HashMap::new();
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let related = access::related(&mut tx, &patients).await?;
    for patient in patients.into_iter().map(PatientId) {
        let relations = related.of(patient);
        if decide(caller, Action::Read, Category::Emergencies, patient, relations, now).is_allowed() {
            grants.insert(patient, Grant::ask_in(&mut tx, caller, patient, relations, now)?);
        }
    }
    tx.commit().await?;
    let mut shown = Vec::new();
    for row in rows {
        if let Some(grant) = grants.get(&row.patient_id).filter(|grant| grant.span().includes(row.created_at)) {
            shown.push(opened(app, grant, row).await?);
        }
    }
    Ok(shown)
}

/// One patient's emergencies, newest first.
pub async fn of_patient(
    app: &App,
    grant: &Grant<Read, data::Emergencies>,
    query: &ListQuery,
    page: &PageQuery,
) -> Result<Listed<Emergency>> {
    let before = page.after()?;
    let rows = queries::of_patient(
        &mut app.db(),
        (grant.patient(), grant.span()),
        which(query),
        query.severity,
        before,
        page.rows() + page.skip(),
    )
    .await?;
    let mut shown = Vec::new();
    for row in rows.into_iter().skip(page.skip() as usize) {
        shown.push(opened(app, grant, row).await?);
    }
    Ok(Listed::new(shown, page, |e| e.id.0))
}

/// Opens a row, with its patient's name.
pub async fn opened(app: &App, grant: &Grant<Read, data::Emergencies>, row: Stored) -> Result<Emergency> {
    let key = app.edge::<Vault>().key(&app.db(), row.patient_id).await?;
    let name = patients::card(&mut app.db(), row.patient_id).await?.map(|card| card.name);
    row.open(grant, &key, name)
}
