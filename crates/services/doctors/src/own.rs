//! What the signed-in doctor sees of oneself: figures, institution, patients.
use access::Caller;
use chrono::{DateTime, NaiveDate, Utc};
use hospitals::{Affiliation, Institution, PatientLine};
use kernel::{App, DoctorId, Enclosed, Error, PageQuery, Result};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::agenda::Agenda;
use crate::asked::PatientsFilter;
use crate::day::Zone;
use crate::list::{self, DoctorsPatient};
use crate::queries::doctors;
use crate::{Doctor, LicenseStatus, ProfessionalStatus, RelationshipType, alike};

/// The entry of the doctor whom the account stands for. Not found when there is none.
pub async fn entry(sql: &mut impl Sql, caller: &Caller) -> Result<Doctor> {
    let found = match caller.reference {
        Some(own) => doctors::by_id(sql, DoctorId(own)).await?,
        None => None,
    };
    found.filter(|doctor| doctor.is_active).ok_or_else(|| Error::not_found("doctor"))
}

/// A doctor's work in figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct DoctorDashboard {
    pub doctor_id: DoctorId,
    pub name: String,
    /// People assigned to the doctor now.
    pub total_patients: i64,
    /// Booked appointments of today.
    pub today_appointments: i64,
    /// Patients whose validation waits for the doctor.
    pub pending_reviews: i64,
    /// Today, in the time zone below.
    pub date: NaiveDate,
    /// The offset from UTC that was asked for, or `UTC`.
    pub time_zone: String,
    pub professional_status: ProfessionalStatus,
    pub license_status: LicenseStatus,
    pub is_available: bool,
}

/// The doctor's figures of this moment.
pub async fn dashboard(app: &App, doctor: Doctor, zone: &Zone) -> Result<DoctorDashboard> {
    let day = zone.day(app.clock().now());
    let again = alike::again(&mut app.db(), doctor.id).await?;
    Ok(DoctorDashboard {
        total_patients: alike::people(&mut app.db(), doctor.id, &again).await?,
        today_appointments: (app.edge::<Agenda>().0)(app.db(), doctor.id, day.from, day.to).await?,
        pending_reviews: patients::awaiting_doctor(app, doctor.id).await?,
        doctor_id: doctor.id,
        name: doctor.name,
        date: day.date,
        time_zone: day.time_zone,
        professional_status: doctor.professional_status,
        license_status: doctor.license_status,
        is_available: doctor.is_available,
    })
}

/// Where the doctor works.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnInstitution {
    #[serde(flatten)]
    pub institution: Institution,
    /// The doctor's place there.
    pub affiliation: Affiliation,
    /// Every place the doctor has, this one too.
    pub affiliations: Vec<Affiliation>,
}

/// The institution named at registration, as long as the doctor works there, else the one the doctor works at longest.
/// Not found when the doctor works nowhere.
pub async fn institution(sql: &mut impl Sql, doctor: &Doctor) -> Result<OwnInstitution> {
    let affiliations = hospitals::affiliations_of(sql, doctor.id).await?;
    let named = affiliations.iter().find(|place| Some(place.hospital_id) == doctor.institution_id);
    let affiliation = named.or(affiliations.first()).cloned().ok_or_else(|| Error::not_found("institution"))?;
    let institution = hospitals::by_id(sql, affiliation.hospital_id).await?;
    let institution = institution.map(Institution::from).ok_or_else(|| Error::not_found("institution"))?;
    Ok(OwnInstitution { institution, affiliation, affiliations })
}

/// A patient assigned to the doctor now.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPatient {
    #[serde(flatten)]
    pub patient: PatientLine,
    pub assignment_id: Uuid,
    pub assigned_at: DateTime<Utc>,
}

/// A page of the doctor's patients.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPatients {
    /// On all pages together.
    pub patient_count: i64,
    pub patients: Vec<OwnPatient>,
}

/// A page of the patients assigned to the doctor now, each put on the audit chain, with the number of all of them.
pub async fn patients(app: &App, caller: &Caller, doctor: DoctorId, page: &PageQuery) -> Result<Enclosed<OwnPatients>> {
    let current = PatientsFilter { relationship_type: Some(RelationshipType::Current) };
    let listed = list::patients(app, caller, doctor, &current, page).await?;
    let again = alike::again(&mut app.db(), doctor).await?;
    let patient_count = alike::people(&mut app.db(), doctor, &again).await?;
    let own = |shown: DoctorsPatient| {
        let (assignment_id, assigned_at) = (shown.assignment.id, shown.assignment.started_at);
        let first = shown.patient.filter(|_| !again.contains(&assignment_id));
        first.map(|patient| OwnPatient { patient, assignment_id, assigned_at })
    };
    Ok(listed.inside(|all| OwnPatients { patient_count, patients: all.into_iter().filter_map(own).collect() }))
}
