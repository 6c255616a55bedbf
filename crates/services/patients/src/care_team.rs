//! Who looks after a patient, by name.
use std::collections::BTreeMap;

use access::data::CareTeam as Team;
use access::{Grant, Kind, Read, Relation};
use kernel::{App, DoctorId, Error, HospitalId, Result, Text as _};
use uuid::Uuid;

use crate::doors::{DoctorsDoor, InstitutionsDoor};
use crate::model::{CareTeam, DoctorCard, InstitutionCard, Member, ValidationStatus};
use crate::queries::patients;

/// What makes somebody one of the team who was named and has not said yes yet.
const REQUESTED: &str = "requested";

/// The ids of a team, each with what makes it one, in one order.
type Ids = BTreeMap<Uuid, Vec<&'static str>>;

/// The doctors and institutions that are related to the patient now, or asked to be.
pub async fn care_team(app: &App, grant: &Grant<Read, Team>) -> Result<CareTeam> {
    let (mut db, patient) = (app.db(), grant.patient());
    let registration = patients::by_id(&db, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    let relations = access::of_patient(&mut db, patient).await?;
    let (mut doctors, mut institutions) = (Ids::new(), Ids::new());
    for relation in &relations {
        if let Some(side) = side(relation, &mut doctors, &mut institutions) {
            add(side, relation.holder_id, relation.kind.word());
        }
    }
    let status = registration.validation_status;
    if let Some(doctor) = registration.doctor_id.filter(|_| status < ValidationStatus::ValidatedByDoctor) {
        add(&mut doctors, doctor.0, REQUESTED);
    }
    let asked = registration.institution_id.filter(|_| status < ValidationStatus::ValidatedByInstitution);
    if let Some(institution) = asked {
        add(&mut institutions, institution.0, REQUESTED);
    }
    let doctor_ids = doctors.keys().copied().map(DoctorId).collect();
    let institution_ids = institutions.keys().copied().map(HospitalId).collect();
    let doctor_cards = (app.edge::<DoctorsDoor>().cards)(app.db(), doctor_ids).await?;
    let institution_cards = (app.edge::<InstitutionsDoor>().cards)(app.db(), institution_ids).await?;
    let doctor = |who: DoctorCard| Member { relations: doctors.remove(&who.id.0).unwrap_or_default(), who };
    let doctors = doctor_cards.into_iter().map(doctor).collect();
    let institution =
        |who: InstitutionCard| Member { relations: institutions.remove(&who.id.0).unwrap_or_default(), who };
    Ok(CareTeam { doctors, institutions: institution_cards.into_iter().map(institution).collect() })
}

/// The side of the team on which a relation's holder stands; responders are none of it.
fn side<'a>(relation: &Relation, doctors: &'a mut Ids, institutions: &'a mut Ids) -> Option<&'a mut Ids> {
    match relation.kind {
        Kind::AssignedDoctor | Kind::AttendingDoctor | Kind::RegisteringDoctor | Kind::BookedDoctor => Some(doctors),
        Kind::AdmittingHospital
        | Kind::RegisteringHospital
        | Kind::LinkedFacility
        | Kind::ValidatingInstitution
        | Kind::TreatingInstitution => Some(institutions),
        Kind::Emergency => None,
        // To whom a patient consented, and who acts for them, is between them.
        Kind::ConsentToDoctor | Kind::ConsentToHospital | Kind::BreakGlass | Kind::Delegate => None,
    }
}

fn add(ids: &mut Ids, id: Uuid, relation: &'static str) {
    let relations = ids.entry(id).or_default();
    if !relations.contains(&relation) {
        relations.push(relation);
    }
}
