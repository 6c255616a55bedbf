//! The newest of each metric, of many patients at once: what a doctor sees of them all.
use std::collections::HashMap;

use access::data::Wearables;
use access::{Caller, Grant, Read};
use axum::http::StatusCode;
use futures::future::try_join_all;
use kernel::{App, Listed, PageQuery, PatientId, Result};
use serde::Serialize;
use utoipa::ToSchema;
use vault::Vault;

use crate::history::in_span;
use crate::queries::sources::{self, Stored};
use crate::shown::{PointOut, Sources};

/// A patient and the newest of each metric.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LatestOut {
    pub patient_id: PatientId,
    pub metrics: Vec<PointOut>,
}

/// A page of the caller's patients whose wearables they may see, each look on record.
pub async fn of_ones_patients(app: &App, caller: &Caller, page: &PageQuery) -> Result<Listed<LatestOut>> {
    let mut patients = access::related_to(&mut app.db(), caller, page.after()?, page.skip(), page.rows()).await?;
    let next = page.cut(&mut patients, |patient| patient.0);
    let grants = try_join_all(patients.iter().map(|patient| may_see(app, caller, *patient))).await?;
    let grants: Vec<Grant<Read, Wearables>> = grants.into_iter().flatten().collect();
    let latest = of_granted(app, &grants).await?;
    Ok(Listed::of_page(latest, next))
}

/// Who only registered a patient sees no wearables, and is not told more than that there is nothing to see.
async fn may_see(app: &App, caller: &Caller, patient: PatientId) -> Result<Option<Grant<Read, Wearables>>> {
    match Grant::ask(app, caller, patient).await {
        Ok(grant) => Ok(Some(grant)),
        Err(why) if matches!(why.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn of_granted(app: &App, grants: &[Grant<Read, Wearables>]) -> Result<Vec<LatestOut>> {
    let vault = app.edge::<Vault>();
    let keys = grants.iter().map(|grant| async { vault.key(&app.db(), grant.patient()).await });
    let keys = try_join_all(keys).await?;
    let wanted: Vec<_> = grants.iter().zip(&keys).collect();
    let mut newest = signals::newest_of_many(&mut app.db(), &wanted).await?;
    let ids: Vec<PatientId> = grants.iter().map(Grant::patient).collect();
    let mut names: HashMap<PatientId, Vec<Stored>> = HashMap::new();
    for source in sources::of_many(&mut app.db(), &ids).await? {
        names.entry(source.patient_id).or_default().push(source);
    }
    let latest = grants.iter().map(|grant| {
        let patient = grant.patient();
        let sources = names.get(&patient).map(|all| Sources::of(all)).unwrap_or_default();
        let newest = newest.remove(&patient).unwrap_or_default();
        let metrics = newest.iter().filter(|found| in_span(grant, found)).map(|f| PointOut::of(&f, &sources)).collect();
        LatestOut { patient_id: patient, metrics }
    });
    Ok(latest.collect())
}
