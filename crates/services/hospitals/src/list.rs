//! The patients admitted to a hospital, as its staff sees them.
use std::collections::HashMap;

use access::data::Care;
use access::{Action, Caller, Category, Decision, Grant, Read, Related, decide};
use chrono::{DateTime, Utc};
use kernel::{App, EncounterId, HospitalId, Listed, PageQuery, PatientId, Result};
use patients::{Card, Gender};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::admissions;
use crate::{Admission, notes};

/// Who a patient is, in a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatientLine {
    pub id: PatientId,
    /// The reference given at registration.
    pub patient_id: String,
    pub name: String,
    /// In whole years.
    pub age: u32,
    pub gender: Gender,
}

/// A patient who is admitted now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdmittedPatient {
    #[serde(flatten)]
    pub admission: Admission,
    pub reason: Option<String>,
    /// Absent once the patient was erased.
    pub patient: Option<PatientLine>,
}

/// A page of admitted patients. Each that the caller may see is put on the audit chain; the others are left out: a
/// doctor of the hospital sees the patients he attends.
pub async fn admitted(
    app: &App,
    caller: &Caller,
    hospital: HospitalId,
    page: &PageQuery,
) -> Result<Listed<AdmittedPatient>> {
    let mut tx = app.db().begin().await?;
    let found = admissions::active_of_hospital(&mut tx, hospital, page).await?;
    let mut listed = Listed::new(found, page, |admission| admission.id.0);
    let grants = look(app, &mut tx, caller, &mut listed.entries).await?;
    let total = match page.wants_total() {
        true => Some(count(app, &mut tx, caller, hospital).await?),
        false => None,
    };
    let mut reasons = notes::reasons(app, &mut tx, &grants).await?;
    tx.commit().await?;
    let patients: Vec<PatientId> = listed.entries.iter().map(|admission| admission.patient_id).collect();
    let cards = patients::cards(&app.db(), &patients).await?;
    let now = app.clock().now();
    let mut lines: HashMap<PatientId, PatientLine> =
        cards.iter().map(|card| (card.id, PatientLine::of(card, now))).collect();
    Ok(listed.with_total(total).map(|admission| AdmittedPatient {
        reason: reasons.remove(&admission.id),
        patient: lines.remove(&admission.patient_id),
        admission,
    }))
}

/// How many admitted patients the caller may see.
async fn count(app: &App, tx: &mut Tx, caller: &Caller, hospital: HospitalId) -> Result<i64> {
    let everybody = PageQuery { limit: Some(u32::MAX), ..PageQuery::default() };
    let mut admissions = admissions::active_of_hospital(tx, hospital, &everybody).await?;
    keep_seen(app, tx, caller, &mut admissions).await?;
    Ok(admissions.len() as i64)
}

/// Keeps the admissions that the caller may see, and answers who is related to those patients.
async fn keep_seen(app: &App, tx: &mut Tx, caller: &Caller, admissions: &mut Vec<Admission>) -> Result<Related> {
    let now = app.clock().now();
    let patients: Vec<Uuid> = admissions.iter().map(|admission| admission.patient_id.0).collect();
    let related = access::related(tx, &patients).await?;
    let may = |stay: &Admission| match decide(
        caller,
        Action::Read,
        Category::Care,
        stay.patient_id,
        related.of(stay.patient_id),
        now,
    ) {
        Decision::Allowed { reach, .. } => reach.span.meets(stay.admitted_at, stay.discharged_at),
        Decision::Refused(_) => false,
    };
    admissions.retain(may);
    Ok(related)
}

/// Keeps the admissions that the caller may see, with a grant for each.
async fn look(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    admissions: &mut Vec<Admission>,
) -> Result<Vec<(Grant<Read, Care>, EncounterId)>> {
    let now = app.clock().now();
    let related = keep_seen(app, tx, caller, admissions).await?;
    let granted = admissions.iter().map(|admission| {
        let relations = related.of(admission.patient_id);
        Ok((Grant::ask_in(tx, caller, admission.patient_id, relations, now)?, admission.id))
    });
    granted.collect()
}

impl PatientLine {
    pub fn of(card: &Card, now: DateTime<Utc>) -> Self {
        Self {
            id: card.id,
            patient_id: card.reference.clone(),
            name: card.name.clone(),
            age: card.age(now),
            gender: card.gender,
        }
    }
}
