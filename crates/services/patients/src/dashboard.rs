//! A patient at one glance: the figures, what is taken, what is next, what was done lately.
use access::data::{Appointments, Records, Registration};
use access::{Caller, Grant, Read};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, Result};
use serde_json::Value;

use crate::health_score::{self, Burden};
use crate::medical_record::medical_record;
use crate::model::{Activity, ConditionStatus, Dashboard};
use crate::queries::activity;
use crate::{agenda, show};

/// Newest entries that are shown.
const RECENT: usize = 10;
/// Nearest appointments that are shown.
const NEXT: usize = 10;

/// Puts the patient of the grants together.
pub async fn dashboard(
    app: &App,
    caller: &Caller,
    records: &[Grant<Read, Records>],
    registration: &Grant<Read, Registration>,
) -> Result<Dashboard> {
    let patient = show::show(app, caller, registration, None).await?;
    let record = medical_record(app, records).await?;
    let open = record.conditions.into_iter().filter(|condition| condition.status != ConditionStatus::Resolved);
    let conditions: Vec<_> = open.collect();
    let burdens: Vec<Burden> = conditions.iter().map(|c| Burden { severity: c.severity, status: c.status }).collect();
    let body = &record.health_profile.body;
    let bmi = health_score::bmi(body);
    let score = health_score::score(body, patient.age, &burdens);
    Ok(Dashboard {
        health_score: score.score,
        health_score_parts: score.parts,
        medications: record.medications,
        conditions,
        age: patient.age,
        bmi: bmi.map(health_score::shown),
        bmi_classification: bmi.and_then(|bmi| health_score::bmi_class(bmi, patient.age)),
        appointments: appointments(app, caller, registration).await?,
        recent_activity: recent(app, records).await?,
        patient: patient.into(),
    })
}

/// What was done lately, under whichever of the person's ids.
async fn recent(app: &App, records: &[Grant<Read, Records>]) -> Result<Vec<Activity>> {
    let mut found = Vec::new();
    for grant in records {
        found.append(&mut activity::recent(&mut app.db(), grant, RECENT as i64).await?);
    }
    found.sort_by_key(|activity: &Activity| std::cmp::Reverse((activity.at, activity.id)));
    found.truncate(RECENT);
    Ok(found)
}

/// The next appointments under whichever of the person's ids, for those who may see them.
async fn appointments(app: &App, caller: &Caller, seen: &Grant<Read, Registration>) -> Result<Vec<Value>> {
    let grant = match Grant::<Read, Appointments>::ask(app, caller, seen.patient()).await {
        Ok(grant) => grant,
        Err(error) if error.status() == StatusCode::FORBIDDEN => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let next = &app.edge::<agenda::Appointments>().0;
    let mut found = next(app, &grant).await?;
    for other in grant.others(app, caller).await? {
        found.append(&mut next(app, &other).await?);
    }
    let begins = |shown: &Value| shown["scheduled_at"].as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    found.sort_by_key(begins);
    found.truncate(NEXT);
    Ok(found)
}
