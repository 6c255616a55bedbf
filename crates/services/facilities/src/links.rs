//! The facilities that a patient linked: their staff sees who the patient is, whom to call, and who treats them.
use std::collections::HashMap;

use access::data::{Care, CareTeam};
use access::{Caller, Entry, Grant, Kind, Read, Write};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use garde::Validate;
use hospitals::{Hospital, InstitutionType};
use kernel::{App, Error, HospitalId, Result, not_blank};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::{self, Link};
use crate::tell;

/// A facility to link.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct LinkIn {
    /// The facility's id, registration number, or a name that no other has.
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(min_length = 1, max_length = 200)]
    pub facility_id: String,
    /// By which number the facility knows you.
    #[garde(length(chars, max = 100), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 100)]
    pub facility_patient_id: Option<String>,
}

/// A facility that the patient linked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Facility {
    /// The link.
    pub id: Uuid,
    pub facility_id: HospitalId,
    pub facility_name: String,
    pub facility_type: InstitutionType,
    /// By which number the facility knows the patient.
    pub facility_patient_id: Option<String>,
    pub linked_at: DateTime<Utc>,
    /// When the patient was last admitted there.
    pub last_visit: Option<DateTime<Utc>>,
    /// Whether the facility's staff sees the patient by this link now.
    pub is_active: bool,
}

/// The facility that a member of a request names.
pub async fn named(sql: &mut impl Sql, name: &str) -> Result<Hospital> {
    hospitals::find_institution(sql, name).await.map_err(|error| match error.status() {
        StatusCode::NOT_FOUND => Error::invalid("facility_id", "names no active institution"),
        StatusCode::CONFLICT => Error::conflict(error.detail().to_owned()).about("facility_id"),
        _ => error,
    })
}

/// Whether linking made a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    New,
    WasThere,
}

/// Links a facility. Doing it twice is doing it once; another number by which it knows the patient takes the place of the
/// one before. 409 when the facility waits to be approved.
pub async fn link(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, CareTeam>,
    (facility, known_as): (&Hospital, Option<String>),
) -> Result<Linking> {
    let (patient, now) = (grant.patient(), app.clock().now());
    // Locks the patient's row: of two who link at once one comes after the other.
    patients::require_active(tx, patient).await?;
    let known_as = known_as.map(|number| number.trim().to_owned());
    let was = queries::to(tx, patient, facility.id).await?;
    let (basis, linking) = match was {
        Some(link) => {
            if let Some(number) = known_as.as_deref().filter(|_| known_as != link.facility_patient_id) {
                queries::call(tx, link.id, number).await?;
            }
            (link.id, Linking::WasThere)
        }
        None => {
            let id = kernel::ids::new();
            let new = Link {
                id,
                patient_id: patient,
                hospital_id: facility.id,
                facility_patient_id: known_as,
                linked_at: now,
            };
            queries::add(tx, &new).await?;
            (id, Linking::New)
        }
    };
    // Also for a link that was there: a relation that ended with a deactivation begins again.
    access::relate(tx, patient, facility.id.0, Kind::LinkedFacility, basis, now).await?;
    if linking == Linking::New {
        tell::event(app, tx, "facility.linked", patient, basis, now);
    }
    access::record(tx, Entry::of(caller, "facility.link", facility.id, now).about(patient));
    Ok(linking)
}

/// Ends a link, named by its own id or the facility's. The facility's staff sees nothing by it from the commit on.
pub async fn unlink(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, CareTeam>,
    named: Uuid,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    // Locks the patient's row, as linking does: nothing begins again by a link that ends meanwhile.
    patients::require_active(tx, patient).await?;
    let links = queries::of_patient(tx, patient).await?;
    let link = links.into_iter().find(|link| link.id == named || link.hospital_id.0 == named);
    let link = link.ok_or_else(|| Error::not_found("facility"))?;
    if !queries::end(tx, link.id, now).await? {
        return Err(Error::not_found("facility"));
    }
    access::end_basis(tx, link.id, now).await?;
    tell::event(app, tx, "facility.unlinked", patient, link.id, now);
    access::record(tx, Entry::of(caller, "facility.unlink", link.hospital_id, now).about(patient));
    Ok(())
}

/// The facilities that the patient linked, the oldest link first.
pub async fn list(app: &App, team: &Grant<Read, CareTeam>, care: &Grant<Read, Care>) -> Result<Vec<Facility>> {
    let mut db = app.db();
    let relations = access::of_patient(&mut db, team.patient()).await?;
    let links = queries::of_patient(&mut db, team.patient()).await?;
    let ids: Vec<HospitalId> = links.iter().map(|link| link.hospital_id).collect();
    let found = hospitals::by_ids(&db, &ids).await?;
    let mut facilities: HashMap<HospitalId, Hospital> = found.into_iter().map(|one| (one.id, one)).collect();
    let mut shown = Vec::new();
    for link in links {
        let facility =
            facilities.remove(&link.hospital_id).ok_or_else(|| Error::internal("a link leads to no institution"))?;
        let last_visit = hospitals::last_visit(&mut db, care, facility.id).await?;
        let is_active = facility.is_active && relations.iter().any(|relation| relation.basis_id == link.id);
        shown.push(Facility {
            id: link.id,
            facility_id: facility.id,
            facility_name: facility.name,
            facility_type: facility.institution_type,
            facility_patient_id: link.facility_patient_id,
            linked_at: link.linked_at,
            last_visit,
            is_active,
        });
    }
    Ok(shown)
}

/// One of the facilities that the patient linked.
pub async fn show(
    app: &App,
    team: &Grant<Read, CareTeam>,
    care: &Grant<Read, Care>,
    facility: HospitalId,
) -> Result<Facility> {
    let found = list(app, team, care).await?.into_iter().find(|shown| shown.facility_id == facility);
    found.ok_or_else(|| Error::not_found("facility"))
}
