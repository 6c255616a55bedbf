//! A doctor's patients as the doctor sees them, and a hospital's doctors as anyone signed in does.
use std::collections::HashMap;

use access::data::Registration;
use access::{Action, Caller, Category, Grant, Read, decide};
use chrono::{DateTime, Utc};
use hospitals::{Affiliation, PatientLine, Workplace, finds_nobody};
use kernel::{App, DoctorId, HospitalId, Listed, PageQuery, PatientId, Result};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::asked::{DoctorFilter, PatientsFilter};
use crate::newcomer::institution;
use crate::profile::DoctorProfile;
use crate::profile_in::ProfileFilter;
use crate::queries::profiles::{self, Wanted};
use crate::queries::{assignments, doctors};
use crate::specialties::Catalogue;
use crate::{Assignment, Doctor, RelationshipType};

/// A patient whom the doctor looks after, or looked after.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoctorsPatient {
    #[serde(flatten)]
    pub assignment: Assignment,
    /// Who it is; of previous patients the doctor sees no more than that they were.
    pub patient: Option<PatientLine>,
}

/// A page of a doctor's patients. Each current one is put on the audit chain.
pub async fn patients(
    app: &App,
    caller: &Caller,
    doctor: DoctorId,
    filter: &PatientsFilter,
    page: &PageQuery,
) -> Result<Listed<DoctorsPatient>> {
    let mut tx = app.db().begin().await?;
    let found = assignments::of_doctor(&mut tx, doctor, filter.relationship_type, page).await?;
    let listed = Listed::new(found, page, |assignment| assignment.id);
    let seen = look(app, &mut tx, caller, &listed.entries).await?;
    tx.commit().await?;
    let (cards, now) = (patients::cards(&app.db(), &seen).await?, app.clock().now());
    let mut lines: HashMap<PatientId, PatientLine> =
        cards.iter().map(|card| (card.id, PatientLine::of(card, now))).collect();
    Ok(listed.map(|assignment| DoctorsPatient {
        patient: match assignment.relationship_type {
            RelationshipType::Current => lines.remove(&assignment.patient_id),
            RelationshipType::Previous => None,
        },
        assignment,
    }))
}

/// The patients that the doctor looks after now and may see, each look on the audit chain.
async fn look(app: &App, tx: &mut Tx, caller: &Caller, listed: &[Assignment]) -> Result<Vec<PatientId>> {
    let current = listed.iter().filter(|assignment| assignment.relationship_type == RelationshipType::Current);
    let current: Vec<PatientId> = current.map(|assignment| assignment.patient_id).collect();
    let related = access::related(tx, &current.iter().map(|patient| patient.0).collect::<Vec<Uuid>>()).await?;
    let now = app.clock().now();
    let mut seen = Vec::new();
    for patient in current {
        let relations = related.of(patient);
        if decide(caller, Action::Read, Category::Registration, patient, relations, now).is_allowed() {
            seen.push(Grant::<Read, Registration>::ask_in(tx, caller, patient, relations, now)?.patient());
        }
    }
    Ok(seen)
}

/// A page of the active doctors that fit, in the order they were registered.
pub async fn directory(app: &App, filter: &DoctorFilter, page: &PageQuery) -> Result<Listed<Doctor>> {
    match finds_nobody(filter.search.as_deref()) {
        true => Ok(Listed::new(Vec::new(), page, |doctor: &Doctor| doctor.id.0)),
        false => profiles::list(app, &Wanted::plain(filter), &PageQuery { total: None, ..page.clone() }).await,
    }
}

/// A page of doctors as profiles. 422 when an institution is named that is not there.
pub async fn profiles(app: &App, filter: &ProfileFilter, page: &PageQuery) -> Result<Listed<DoctorProfile>> {
    if [&filter.search, &filter.sounds_like].into_iter().any(|text| finds_nobody(text.as_deref())) {
        let none = Listed::new(Vec::new(), page, |profile: &DoctorProfile| profile.id.0);
        return Ok(none.with_total(page.wants_total().then_some(0)));
    }
    let catalogue = Catalogue::read(&mut app.db()).await?;
    let wanted = Wanted::of(filter, &catalogue);
    let institution = match &filter.institution {
        Some(named) => Some(institution(&mut app.db(), "institution", named).await?.id),
        None => None,
    };
    let place = Workplace { institution, city: filter.city.clone(), region: filter.region.clone() };
    let found = match (&place.institution, &place.city, &place.region) {
        (None, None, None) => profiles::list(app, &wanted, page).await?,
        _ => profiles::list_at(app, &place, &wanted, page).await?,
    };
    Ok(found.map(|doctor| DoctorProfile::of(doctor, &catalogue)))
}

/// A doctor with a place at a hospital.
#[derive(Debug, Serialize, ToSchema)]
pub struct HospitalDoctor {
    #[serde(flatten)]
    pub doctor: Doctor,
    pub affiliation_id: Uuid,
    pub department: Option<String>,
    pub position: Option<String>,
    /// Since when the doctor has this place.
    pub since: DateTime<Utc>,
}

/// A page of a hospital's doctors, in the order in which they got their places.
pub async fn staff(app: &App, hospital: HospitalId, page: &PageQuery) -> Result<Listed<HospitalDoctor>> {
    let affiliations = hospitals::doctors_page(&mut app.db(), hospital, page).await?;
    let ids: Vec<DoctorId> = affiliations.iter().map(|affiliation| affiliation.doctor_id).collect();
    let found = doctors::by_ids(&app.db(), &ids).await?;
    let mut known: HashMap<DoctorId, Doctor> = found.into_iter().map(|doctor| (doctor.id, doctor)).collect();
    let placed = affiliations.into_iter().filter_map(|affiliation| {
        let Affiliation { id: affiliation_id, doctor_id, department, position, since, .. } = affiliation;
        let doctor = known.remove(&doctor_id)?;
        Some(HospitalDoctor { doctor, affiliation_id, department, position, since })
    });
    Ok(Listed::new(placed.collect(), page, |placed| placed.affiliation_id))
}
