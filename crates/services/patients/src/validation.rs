//! The ladder of validation: taking the next step, and who may.
//!
//! A step adds a care relation and takes no right away. Those who were named at registration hold no relation yet: they
//! see no more than that they are asked, until they say yes.
use access::data::{CareTeam, Registration};
use access::{Caller, Entry, Grant, Kind, Read, Role, Write};
use chrono::{DateTime, Utc};
use kernel::{App, DoctorId, Error, HospitalId, IfMatch, PatientId, Result};
use store::{Sql, Tx};
use uuid::Uuid;
use vault::{PatientKey, Row, Vault};

use crate::doors::{DoctorsDoor, InstitutionsDoor};
use crate::model::{StepStored, Stored, Validation, ValidationIn, ValidationStatus, ValidationStep, WithdrawalIn};
use crate::queries::{patients, validation};
use crate::{lookup, sealed, tell};

/// The patient of this name, when the caller may know how far the validation has come: who is asked for a step, and who
/// may read the registration. To everybody else the patient does not exist. The look is on the audit chain.
pub async fn visible(app: &App, caller: &Caller, name: &str) -> Result<PatientId> {
    let patient = lookup::find(&app.db(), name).await?.ok_or_else(|| Error::not_found("patient"))?;
    if matches!(caller.role, Role::Doctor | Role::Nurse | Role::Hospital) {
        let mut tx = app.db().begin().await?;
        let found = patients::read(&mut tx, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
        if found.is_active && is_asked(app, &mut tx, caller, &found).await? {
            let look = Entry::of(caller, "read validation", patient, app.clock().now());
            access::record(&mut tx, look.about(patient).because("asked to validate"));
            tx.commit().await?;
            return Ok(patient);
        }
    }
    Grant::<Read, Registration>::ask(app, caller, patient).await.map(|grant| grant.patient())
}

/// Whether the registration asks this caller: the doctor or the institution that was named, or a doctor of the named
/// institution when no doctor was.
async fn is_asked(app: &App, tx: &mut Tx, caller: &Caller, patient: &Stored) -> Result<bool> {
    match (caller.role, caller.reference) {
        (Role::Doctor, Some(own)) => may_as_doctor(app, tx, DoctorId(own), patient).await,
        (Role::Nurse | Role::Hospital, Some(own)) => Ok(may_as_institution(HospitalId(own), patient)),
        _ => Ok(false),
    }
}

/// How far the validation of a patient has come.
pub async fn show(app: &App, patient: PatientId) -> Result<Validation> {
    let mut db = app.db();
    let found = patients::by_id(&db, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    let key = app.edge::<Vault>().key(&db, patient).await?;
    answer(&mut db, &key, &found).await
}

/// Takes the next step. 409 when it is not the caller's turn or was taken before; 403 for whoever may not take it; 412
/// when the patient is another version than the caller has seen.
pub async fn take(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (patient, seen): (PatientId, &IfMatch),
    said: ValidationIn,
) -> Result<Validation> {
    let now = app.clock().now();
    // The doctor's row before the patient's, as everywhere.
    if let (Role::Doctor, Some(own)) = (caller.role, caller.reference)
        && !(app.edge::<DoctorsDoor>().lock)(tx, DoctorId(own)).await?
    {
        return Err(Error::forbidden("only for doctors who practise"));
    }
    let was = lookup::active(tx, patient).await?;
    seen.require(was.version)?;
    let step = turn(caller, &was, said.step)?;
    let taken = match step {
        ValidationStatus::ValidatedByDoctor => by_doctor(app, tx, caller, was.clone()).await?,
        ValidationStatus::ValidatedByInstitution => by_institution(caller, was.clone())?,
        ValidationStatus::Pending | ValidationStatus::FullAccess => full_access(app, tx, caller, was.clone()).await?,
    };
    let id = kernel::ids::new();
    if let Some(kind) = taken.kind {
        access::relate(tx, patient, taken.holder, kind, id, now).await?;
    }
    let next = Stored { validation_status: step, updated_at: now, version: was.version + 1, ..taken.patient };
    patients::change(tx, &next).await?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    // A note is about papers, but people write what they shouldn't: it is sealed like a chart.
    let note = said.note.map(|note| sealed::seal(&key, row(id), &note)).transpose()?;
    let kept = StepStored { id, sealed: note, ..stored(caller, &was, step, now) };
    validation::add(tx, &StepStored { holder_id: Some(taken.holder), ..kept }).await?;
    tell::event(app, tx, "patient.validated", patient, id, now);
    tell::audit(tx, caller, "patient.validate", patient, step, now);
    answer(tx, &key, &next).await
}

/// A step that the caller may take.
struct Taken {
    /// For whom it is taken.
    holder: Uuid,
    /// The relation that it starts; an assignment is started by the service that keeps them.
    kind: Option<Kind>,
    patient: Stored,
}

/// The next step, provided that it is one of the caller's.
fn turn(caller: &Caller, patient: &Stored, said: Option<ValidationStatus>) -> Result<ValidationStatus> {
    use ValidationStatus::{FullAccess, ValidatedByDoctor, ValidatedByInstitution};
    let theirs: &[ValidationStatus] = match caller.role {
        Role::Doctor => &[ValidatedByDoctor],
        Role::Nurse => &[ValidatedByInstitution],
        Role::Hospital => &[ValidatedByInstitution, FullAccess],
        Role::Admin => &[FullAccess],
        role => return Err(Error::forbidden(format!("not for the role {role}"))),
    };
    if said.is_some_and(|said| !theirs.contains(&said)) {
        return Err(Error::forbidden(format!("this step is not for the role {}", caller.role)));
    }
    let status = patient.validation_status;
    let Some(next) = status.next() else {
        return Err(Error::conflict(format!("the patient is {status}: no step is left")).about("validation_status"));
    };
    match theirs.contains(&next) && said.is_none_or(|said| said == next) {
        // The step before is taken by the same account: sent twice, it must not open everything.
        true if next == FullAccess && said.is_none() => {
            Err(Error::invalid("step", "has to say full_access: it opens everything to the institution"))
        }
        true => Ok(next),
        false => Err(Error::conflict(format!("the patient is {status}: next comes {next}")).about("validation_status")),
    }
}

/// The named doctor, or when none was named one of the named institution's, as long as the patient waits for one; but
/// nobody whose assignment was ended since.
async fn may_as_doctor(app: &App, tx: &mut Tx, doctor: DoctorId, patient: &Stored) -> Result<bool> {
    if patient.validation_status != ValidationStatus::Pending || was_sent_away(tx, doctor, patient).await? {
        return Ok(false);
    }
    match (patient.doctor_id, patient.institution_id) {
        (Some(named), _) => Ok(named == doctor),
        (None, Some(institution)) => (app.edge::<InstitutionsDoor>().employs)(tx, doctor, institution).await,
        (None, None) => Ok(false),
    }
}

/// Whether this doctor looked after the patient, since the patient waits to be validated, and does no longer.
async fn was_sent_away(tx: &mut Tx, doctor: DoctorId, patient: &Stored) -> Result<bool> {
    let left = access::last_ended(tx, doctor.0, Kind::AssignedDoctor, &[patient.load_key]).await?;
    let Some(left) = left.get(&patient.load_key) else { return Ok(false) };
    let steps = validation::of_patient(tx, patient.load_key).await?;
    Ok(*left > steps.last().map_or(patient.created_at, |step| step.at))
}

/// The named institution, as long as the patient waits for it. Nobody stands in for one: which doctors an institution
/// employs, it says itself.
fn may_as_institution(institution: HospitalId, patient: &Stored) -> bool {
    patient.institution_id == Some(institution) && patient.validation_status < ValidationStatus::ValidatedByInstitution
}

async fn by_doctor(app: &App, tx: &mut Tx, caller: &Caller, patient: Stored) -> Result<Taken> {
    let own = caller.reference.ok_or_else(|| Error::forbidden("your account stands for no doctor"))?;
    let doctor = DoctorId(own);
    let asked = may_as_doctor(app, tx, doctor, &patient).await?;
    if !asked && !treats_or_registered(tx, own, patient.load_key).await? {
        return Err(Error::forbidden("for the doctor who was named at registration, or one who treats the patient"));
    }
    (app.edge::<DoctorsDoor>().assign)(app, tx, caller, patient.load_key, doctor).await?;
    // From now on it is this doctor who answers for the patient.
    Ok(Taken { holder: own, kind: None, patient: Stored { doctor_id: Some(doctor), ..patient } })
}

async fn treats_or_registered(tx: &mut Tx, doctor: Uuid, patient: PatientId) -> Result<bool> {
    let kinds = [Kind::AssignedDoctor, Kind::AttendingDoctor, Kind::RegisteringDoctor];
    let relations = access::of_patient(tx, patient).await?;
    Ok(relations.iter().any(|relation| relation.holder_id == doctor && kinds.contains(&relation.kind)))
}

fn by_institution(caller: &Caller, patient: Stored) -> Result<Taken> {
    let own = caller.hospital().ok_or_else(|| Error::forbidden("your account stands for no institution"))?;
    let institution = HospitalId(own);
    if patient.institution_id.is_none() {
        let why = "no institution was named: who may write the care team names one with PUT /api/v1/patients/{id}";
        return Err(Error::conflict(why).about("institution_id"));
    }
    if !may_as_institution(institution, &patient) {
        return Err(Error::forbidden("for the institution that was named; who may write the care team names another"));
    }
    Ok(Taken { holder: own, kind: Some(Kind::ValidatingInstitution), patient })
}

async fn full_access(app: &App, tx: &mut Tx, caller: &Caller, patient: Stored) -> Result<Taken> {
    let validated = patient.institution_id.ok_or_else(|| Error::internal("validated by no institution"))?;
    if caller.role != Role::Admin && !caller.stands_for(Role::Hospital, validated.0) {
        return Err(Error::forbidden("for the institution that validated the patient, and administrators"));
    }
    let open = (app.edge::<InstitutionsDoor>().find)(tx, &validated.to_string()).await?;
    open.ok_or_else(|| Error::conflict("the institution was closed").about("institution_id"))?;
    Ok(Taken { holder: validated.0, kind: Some(Kind::TreatingInstitution), patient })
}

/// Takes back what validation opened to institutions: their relations end, and the patient is to be validated anew, by
/// an institution that has to be named anew. Assignments stay, and are ended by themselves; a doctor who is no longer
/// assigned is no longer named. 409 when nothing was opened; 412 when the patient is another version than was seen.
pub async fn withdraw(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, CareTeam>,
    (seen, said): (&IfMatch, WithdrawalIn),
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let was = lookup::active(tx, patient).await?;
    seen.require(was.version)?;
    if was.validation_status == ValidationStatus::Pending {
        return Err(Error::conflict("the patient is pending: there is nothing to take back").about("validation_status"));
    }
    let relations = access::of_patient(tx, patient).await?;
    for relation in &relations {
        if matches!(relation.kind, Kind::ValidatingInstitution | Kind::TreatingInstitution) {
            access::end(tx, patient, relation.holder_id, relation.kind, now).await?;
        }
    }
    let assigned = |doctor: &DoctorId| {
        relations.iter().any(|relation| relation.kind == Kind::AssignedDoctor && relation.holder_id == doctor.0)
    };
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let step = stored(caller, &was, ValidationStatus::Pending, now);
    let note = said.reason.map(|reason| sealed::seal(&key, row(step.id), &reason)).transpose()?;
    validation::add(tx, &StepStored { sealed: note, ..step }).await?;
    let next = Stored {
        validation_status: ValidationStatus::Pending,
        doctor_id: was.doctor_id.filter(assigned),
        institution_id: None,
        updated_at: now,
        version: was.version + 1,
        ..was
    };
    patients::change(tx, &next).await?;
    tell::event(app, tx, "patient.validation_withdrawn", patient, patient.0, now);
    tell::audit(tx, caller, "patient.withdraw_validation", patient, patient, now);
    Ok(())
}

/// Notes the fall back to the beginning, when there is any: the relations that validation opened have ended.
pub async fn begin_anew(tx: &mut Tx, caller: &Caller, was: &Stored, now: DateTime<Utc>) -> Result<()> {
    match was.validation_status {
        ValidationStatus::Pending => Ok(()),
        _ => validation::add(tx, &stored(caller, was, ValidationStatus::Pending, now)).await,
    }
}

fn stored(caller: &Caller, was: &Stored, to_status: ValidationStatus, at: DateTime<Utc>) -> StepStored {
    StepStored {
        id: kernel::ids::new(),
        patient_id: was.load_key,
        from_status: was.validation_status,
        to_status,
        holder_id: None,
        by_id: caller.actor,
        by_role: caller.role,
        sealed: None,
        at,
    }
}

async fn answer(sql: &mut impl Sql, key: &PatientKey, patient: &Stored) -> Result<Validation> {
    let steps = validation::of_patient(sql, patient.load_key).await?;
    let mut history = Vec::with_capacity(steps.len());
    for step in steps {
        let note = step.sealed.as_deref().map(|note| sealed::open(key, row(step.id), note)).transpose()?;
        history.push(ValidationStep {
            id: step.id,
            from_status: step.from_status,
            to_status: step.to_status,
            holder_id: step.holder_id,
            by: step.by_id,
            role: step.by_role,
            note,
            at: step.at,
        });
    }
    Ok(Validation::of(patient, history))
}

fn row(step: Uuid) -> Row<'static> {
    Row { table: "validation_steps", id: step }
}
