//! Finding patients, for this service and for those that build on it.
use kernel::{Error, PatientId, Result};
use store::{Db, Sql, Tx};

use crate::model::{Card, Stored};
use crate::queries::patients;

/// A patient's card. The caller of this function has made sure that whoever will see the card is related to the patient;
/// it holds registration data only.
pub async fn card(sql: &mut impl Sql, patient: PatientId) -> Result<Option<Card>> {
    Ok(patients::read(sql, patient).await?.map(Card::from))
}

/// The cards of several patients, in the order asked for; those that do not exist are left out. As for [`card`], whoever
/// sees them must be related to every one of the patients.
pub async fn cards(db: &Db, ids: &[PatientId]) -> Result<Vec<Card>> {
    Ok(patients::by_ids(db, ids).await?.into_iter().map(Card::from).collect())
}

/// The card of a patient who is not deactivated, and cannot be until the transaction ends. 404 when there is no such
/// patient, 409 when the patient has been deactivated.
pub async fn require_active(tx: &mut Tx, patient: PatientId) -> Result<Card> {
    active(tx, patient).await.map(Card::from)
}

/// As [`require_active`], with the whole registration.
pub(crate) async fn active(tx: &mut Tx, patient: PatientId) -> Result<Stored> {
    let found = patients::lock(tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    match found.is_active {
        _ if found.erased_at.is_some() => Err(gone()),
        true => Ok(found),
        false => Err(Error::conflict("the patient has been deactivated")),
    }
}

/// What is answered about a patient who was erased.
pub(crate) fn gone() -> Error {
    Error::gone("the patient was erased")
}

/// The patient of this name: our id, the uid that stands for the Aadhaar number, or the reference given at registration.
pub async fn find(db: &Db, name: &str) -> Result<Option<PatientId>> {
    if let Ok(id) = name.parse::<PatientId>()
        && patients::by_id(db, id).await?.is_some()
    {
        return Ok(Some(id));
    }
    by_given_name(db.clone(), name).await
}

/// The patient of this uid or reference. The uid counts first: a reference is free to choose, and must not hide another.
pub(crate) async fn by_given_name(mut db: Db, name: &str) -> Result<Option<PatientId>> {
    match vault::patient_of_uid(&mut db, name).await? {
        Some(patient) => Ok(Some(patient)),
        None => patients::by_reference(&mut db, name).await,
    }
}
