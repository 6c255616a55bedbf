//! What patients are told of doctors: who is one, how one is shown, and that one looks after a patient from now on.
use access::Caller;
use kernel::{App, DoctorId, PatientId, Result};
use patients::{DoctorCard, DoctorsDoor};
use store::{Db, Tx};

use crate::queries::doctors;
use crate::{Doctor, assignments};

/// The door as this service opens it.
pub fn door() -> DoctorsDoor {
    DoctorsDoor {
        find: |tx, name| Box::pin(find(tx, name)),
        lock: |tx, doctor| Box::pin(doctors::exists_active(tx, doctor)),
        assign: |app, tx, caller, patient, doctor| Box::pin(assign(app, tx, caller, patient, doctor)),
        leave: |app, tx, caller, patient| Box::pin(assignments::end_of_patient(app, tx, caller, patient)),
        cards: |db, doctors| Box::pin(cards(db, doctors)),
    }
}

/// Those who do not practise, or were not approved yet, are nobody to register with.
async fn find(tx: &mut Tx, name: &str) -> Result<Option<DoctorId>> {
    let (named, licensed) = (doctors::find(tx, name).await?, doctors::by_license(tx, name).await?);
    let found = match (named, licensed) {
        // One doctor's reference is another's licence number: it does not tell whom the caller means.
        (Some(named), Some(licensed)) if named.id != licensed.id => None,
        (named, licensed) => named.or(licensed),
    };
    match found.filter(Doctor::practises) {
        Some(doctor) if access::is_approved(tx, doctor.id.0).await? => Ok(Some(doctor.id)),
        _ => Ok(None),
    }
}

async fn assign(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId, doctor: DoctorId) -> Result<()> {
    assignments::assign_validated(app, tx, caller, patient, doctor).await
}

async fn cards(db: Db, ids: Vec<DoctorId>) -> Result<Vec<DoctorCard>> {
    let card = |doctor: Doctor| DoctorCard {
        id: doctor.id,
        doctor_id: doctor.reference,
        name: doctor.name,
        specializations: doctor.specializations.0,
    };
    Ok(doctors::by_ids(&db, &ids).await?.into_iter().map(card).collect())
}
