//! An appointment's words, sealed with the patient's key and opened with a grant.
use access::{Act, Grant, data};
use kernel::{App, Error, PatientId, Result};
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, SealedColumn, Vault, sealed_column};

use crate::model::{Appointment, AppointmentId, Stored, Words};

/// The columns that hold what is sealed here.
pub static SEALED: &[SealedColumn] = &[sealed_column!("appointments"."sealed" of "patient_id = $1" by (id: Uuid),
        |row| ("appointments", row.id))];

pub fn seal(key: &PatientKey, id: AppointmentId, words: &Words) -> Result<Vec<u8>> {
    key.seal(place(id), &serde_json::to_vec(words).map_err(Error::internal)?)
}

/// The words of a row of the grant's patient.
pub fn words<A: Act>(grant: &Grant<A, data::Appointments>, key: &PatientKey, stored: &Stored) -> Result<Words> {
    grant.covers(stored.patient_id)?;
    serde_json::from_slice(&key.open(place(stored.id), &stored.sealed)?).map_err(Error::internal)
}

/// The whole appointment.
pub fn open<A: Act>(grant: &Grant<A, data::Appointments>, key: &PatientKey, stored: &Stored) -> Result<Appointment> {
    Ok(Appointment::of(stored, Some(words(grant, key, stored)?)))
}

/// The patient's key, inside a transaction.
pub async fn key_in(app: &App, tx: &mut Tx, patient: PatientId) -> Result<PatientKey> {
    app.edge::<Vault>().key_in(tx, patient).await
}

fn place(id: AppointmentId) -> Row<'static> {
    Row { table: "appointments", id: id.0 }
}
