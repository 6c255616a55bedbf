//! What patients are told of institutions: which there are, how one is shown, and who works there.
use axum::http::StatusCode;
use kernel::{DoctorId, HospitalId, Result, Text as _};
use patients::{InstitutionCard, InstitutionsDoor};
use store::{Db, Tx};

use crate::Hospital;
use crate::queries::{affiliations, hospitals};

/// The door as this service opens it.
pub fn door() -> InstitutionsDoor {
    InstitutionsDoor {
        find: |tx, name| Box::pin(find(tx, name)),
        employs: |tx, doctor, institution| Box::pin(employs(tx, doctor, institution)),
        of_doctor: |db, doctor| Box::pin(of_doctor(db, doctor)),
        cards: |db, institutions| Box::pin(cards(db, institutions)),
    }
}

/// Those that were not approved yet are nobody to register with.
async fn find(tx: &mut Tx, name: &str) -> Result<Option<HospitalId>> {
    match hospitals::find_institution(tx, name).await {
        Ok(institution) => Ok(access::is_approved(tx, institution.id.0).await?.then_some(institution.id)),
        Err(error) if error.status() == StatusCode::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

async fn employs(tx: &mut Tx, doctor: DoctorId, institution: HospitalId) -> Result<bool> {
    Ok(affiliations::current(tx, doctor, institution).await?.is_some())
}

async fn of_doctor(mut db: Db, doctor: DoctorId) -> Result<Vec<HospitalId>> {
    let found = affiliations::affiliations_of(&mut db, doctor).await?;
    Ok(found.into_iter().map(|affiliation| affiliation.hospital_id).collect())
}

async fn cards(db: Db, ids: Vec<HospitalId>) -> Result<Vec<InstitutionCard>> {
    Ok(hospitals::by_ids(&db, &ids).await?.into_iter().map(card).collect())
}

fn card(institution: Hospital) -> InstitutionCard {
    let institution_type = institution.institution_type.word().to_owned();
    InstitutionCard { id: institution.id, name: institution.name, institution_type }
}
