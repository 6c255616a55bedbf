//! Prescribing, ending a prescription, and what a patient takes now, with a grant over the patient's records.
use access::data::Records;
use access::{Caller, Grant, Read, Role, Write};
use kernel::{App, DoctorId, Error, IfMatch, Listed, PageQuery, Result};
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, Vault};

use crate::doors::DoctorsDoor;
use crate::model::{
    CurrentMedication, Prescription, PrescriptionBody, PrescriptionFilter, PrescriptionIn, PrescriptionPatch,
    PrescriptionStatus, PrescriptionStored, RecordStored,
};
use crate::queries::{prescriptions, records};
use crate::{lookup, sealed, tell};

/// Writes a prescription. 403 for all but doctors; 422 naming the member that names another patient, another doctor or
/// an unknown record; 409 about `prescription_id` when another one has that reference.
pub async fn add(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Records>,
    said: PrescriptionIn,
) -> Result<Prescription> {
    let (patient, now, id) = (grant.patient(), app.clock().now(), kernel::ids::new());
    let doctor = prescriber(caller)?;
    let start_date = said.start_date.unwrap_or_else(|| now.date_naive());
    if said.end_date.is_some_and(|end| end < start_date) {
        return Err(Error::invalid("end_date", "is before start_date"));
    }
    require_own_name(app, tx, doctor, said.doctor_id.as_deref()).await?;
    let registration = lookup::active(tx, patient).await?;
    let names_it = |name: &String| *name == registration.reference || name.parse() == Ok(patient);
    if !said.patient_id.as_ref().is_none_or(names_it) {
        return Err(Error::invalid("patient_id", "is not the patient of the path"));
    }
    let record = record(tx, grant, said.record_id.as_deref()).await?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let body = PrescriptionBody {
        medications: said.medications,
        dosage_instructions: said.dosage_instructions,
        duration: said.duration,
        notes: said.notes,
        reason: None,
    };
    let new = PrescriptionStored {
        id,
        reference: said.prescription_id.unwrap_or_else(|| id.to_string()),
        patient_id: patient,
        doctor_id: doctor,
        record_id: record.as_ref().map(|record| record.id),
        status: PrescriptionStatus::Active,
        start_date,
        end_date: said.end_date,
        sealed: sealed::seal(&key, row(id), &body)?,
        created_by: grant.actor(),
        created_at: now,
        updated_at: now,
        version: 1,
        // It would tell what the record is about.
        is_sensitive: said.is_sensitive.unwrap_or_default() || record.is_some_and(|record| record.is_sensitive),
    };
    prescriptions::add(tx, &new).await?;
    tell::event(app, tx, "prescription.added", patient, id, now);
    tell::audit(tx, caller, "prescription.add", patient, id, now);
    Ok(Prescription::of(new, body, now))
}

fn prescriber(caller: &Caller) -> Result<DoctorId> {
    let doctor = caller.reference.filter(|_| caller.role == Role::Doctor);
    doctor.map(DoctorId).ok_or_else(|| Error::forbidden("doctors prescribe"))
}

/// Nobody prescribes in another's name.
async fn require_own_name(app: &App, tx: &mut Tx, doctor: DoctorId, said: Option<&str>) -> Result<()> {
    let Some(said) = said else { return Ok(()) };
    match (app.edge::<DoctorsDoor>().find)(tx, said).await? {
        Some(named) if named == doctor => Ok(()),
        _ => Err(Error::invalid("doctor_id", "is not you: doctors prescribe in their own name")),
    }
}

async fn record(tx: &mut Tx, grant: &Grant<Write, Records>, said: Option<&str>) -> Result<Option<RecordStored>> {
    let Some(said) = said else { return Ok(None) };
    let found = records::find(tx, grant.patient(), said).await?.filter(|found| grant.shows(found.mark()));
    found.map(Some).ok_or_else(|| Error::invalid("record_id", "is no medical record of this patient"))
}

/// Ends a prescription. 403 for all but doctors, 409 when it ended before, 412 when it is another version than the
/// caller has seen.
pub async fn end(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Records>,
    (name, seen, said): (&str, &IfMatch, PrescriptionPatch),
) -> Result<Prescription> {
    prescriber(caller)?;
    let (patient, now) = (grant.patient(), app.clock().now());
    lookup::active(tx, patient).await?;
    let found = prescriptions::find(tx, patient, name).await?.ok_or_else(absent)?;
    let was = prescriptions::lock(tx, found.id).await?.filter(|was| grant.shows(was.mark())).ok_or_else(absent)?;
    seen.require(was.version)?;
    if was.status != PrescriptionStatus::Active {
        return Err(Error::conflict(format!("the prescription is {} already", was.status)).about("status"));
    }
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    grant.covers(was.patient_id)?;
    let body: PrescriptionBody = sealed::open(&key, row(was.id), &was.sealed)?;
    let body = PrescriptionBody { reason: said.reason, ..body };
    let sealed = sealed::seal(&key, row(was.id), &body)?;
    let ended = PrescriptionStored { status: said.status, sealed, updated_at: now, version: was.version + 1, ..was };
    prescriptions::change(tx, &ended).await?;
    tell::event(app, tx, "prescription.ended", patient, ended.id, now);
    tell::audit(tx, caller, "prescription.end", patient, ended.id, now);
    Ok(Prescription::of(ended, body, now))
}

fn absent() -> Error {
    Error::not_found("prescription")
}

/// One prescription of a person, by our id or its reference.
pub async fn show(app: &App, grants: &[Grant<Read, Records>], name: &str) -> Result<Prescription> {
    for grant in grants {
        if let Some(found) = prescriptions::find(&mut app.db(), grant.patient(), name).await? {
            return opened(app, grant, vec![found]).await?.pop().ok_or_else(absent);
        }
    }
    Err(absent())
}

/// A page of a patient's prescriptions, the newest first.
pub async fn list(
    app: &App,
    grant: &Grant<Read, Records>,
    page: &PageQuery,
    filter: &PrescriptionFilter,
) -> Result<Listed<Prescription>> {
    let now = app.clock().now();
    let found = prescriptions::of_patient(&mut app.db(), grant, page, (filter, now)).await?;
    Ok(Listed::new(opened(app, grant, found).await?, page, |prescription| prescription.id))
}

/// Every prescription of a patient, the newest first.
pub async fn all(app: &App, grant: &Grant<Read, Records>) -> Result<Vec<Prescription>> {
    let found = prescriptions::all(&mut app.db(), grant.patient()).await?;
    opened(app, grant, found).await
}

/// What a person takes now: the medications of prescriptions that have neither ended nor expired.
pub async fn current(app: &App, grants: &[Grant<Read, Records>]) -> Result<Vec<CurrentMedication>> {
    let mut active = Vec::new();
    for grant in grants {
        let found = prescriptions::active(&mut app.db(), grant.patient()).await?;
        active.append(&mut opened(app, grant, found).await?);
    }
    active.sort_by_key(|prescription| std::cmp::Reverse(prescription.id));
    Ok(taken_of(&active))
}

/// What is taken now by these prescriptions.
pub fn taken_of(prescriptions: &[Prescription]) -> Vec<CurrentMedication> {
    let current = prescriptions.iter().filter(|one| one.status == PrescriptionStatus::Active);
    current.flat_map(Prescription::medications).collect()
}

async fn opened(app: &App, grant: &Grant<Read, Records>, found: Vec<PrescriptionStored>) -> Result<Vec<Prescription>> {
    let key: PatientKey = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let now = app.clock().now();
    let open = |stored: PrescriptionStored| {
        grant.covers(stored.patient_id)?;
        sealed::open(&key, row(stored.id), &stored.sealed).map(|body| Prescription::of(stored, body, now))
    };
    found.into_iter().filter(|found| grant.shows(found.mark())).map(open).collect()
}

fn row(id: Uuid) -> Row<'static> {
    Row { table: "prescriptions", id }
}
