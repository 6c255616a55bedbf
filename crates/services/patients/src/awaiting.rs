//! The queue of those who wait to be validated, as each of those who are asked sees it.
use access::{Caller, Entry, Kind, Role};
use kernel::{App, DoctorId, Error, HospitalId, Listed, PageQuery, PatientId, Result};
use store::Tx;
use uuid::Uuid;

use crate::doors::InstitutionsDoor;
use crate::model::{Awaited, ValidationStatus};
use crate::queries::validation::{self, Span};

/// How many patients wait to be validated by this doctor: as many as the queue shows.
pub async fn awaiting_doctor(app: &App, doctor: DoctorId) -> Result<i64> {
    let mut tx = app.db().begin().await?;
    let mut waiting = validation::awaiting_doctor(&mut tx, doctor).await?;
    for institution in (app.edge::<InstitutionsDoor>().of_doctor)(&mut tx, doctor).await? {
        waiting += validation::awaiting_its_doctors(&mut tx, institution).await?;
    }
    Ok(waiting)
}

/// A page of the patients who wait for the caller. The look is on the audit chain, with the number it showed.
pub async fn list(app: &App, caller: &Caller, page: &PageQuery) -> Result<Listed<Awaited>> {
    let mut tx = app.db().begin().await?;
    let span = Span { after: page.after()?.unwrap_or_default(), rows: page.rows() + page.skip() };
    let mut found = of_caller(app, &mut tx, caller, span).await?;
    let total = match page.wants_total() {
        true => {
            let everybody = Span { after: Uuid::nil(), rows: i64::from(u32::MAX) };
            Some(of_caller(app, &mut tx, caller, everybody).await?.len() as i64)
        }
        false => None,
    };
    found.retain(|waiting| waiting.patient_id.0 > span.after);
    found.sort_by_key(|waiting| waiting.patient_id);
    let found = found.into_iter().skip(page.skip() as usize).take(page.rows() as usize).collect();
    let listed = Listed::new(found, page, |waiting: &Awaited| waiting.patient_id.0).with_total(total);
    let shown = format!("{} patients", listed.entries.len());
    access::record(&mut tx, Entry::of(caller, "list validations", shown, app.clock().now()));
    tx.commit().await?;
    Ok(listed)
}

/// Those who wait for the caller, in no order.
async fn of_caller(app: &App, tx: &mut Tx, caller: &Caller, span: Span) -> Result<Vec<Awaited>> {
    match (caller.role, caller.reference) {
        (Role::Doctor, Some(own)) => of_doctor(app, tx, DoctorId(own), span).await,
        (Role::Nurse | Role::Hospital, Some(own)) => of_institution(tx, caller.role, HospitalId(own), span).await,
        (Role::Admin, _) => validation::of_administrators(tx, span).await,
        (role, _) => Err(Error::forbidden(format!("not for the role {role}"))),
    }
}

/// Those who named this doctor, and those who named no doctor but an institution where this one works; but those who sent
/// the doctor away since.
async fn of_doctor(app: &App, tx: &mut Tx, doctor: DoctorId, span: Span) -> Result<Vec<Awaited>> {
    let institutions = (app.edge::<InstitutionsDoor>().of_doctor)(tx, doctor).await?;
    let (mut asked, mut span) = (Vec::new(), span);
    loop {
        let mut found = validation::of_doctor(tx, doctor, span).await?;
        for institution in &institutions {
            found.append(&mut validation::of_its_doctors(tx, *institution, span).await?);
        }
        found.sort_by_key(|waiting| waiting.patient_id);
        found.truncate(span.rows as usize);
        let (read, last) = (found.len() as i64, found.last().map(|waiting| waiting.patient_id.0));
        let ids: Vec<PatientId> = found.iter().map(|waiting| waiting.patient_id).collect();
        let left = access::last_ended(tx, doctor.0, Kind::AssignedDoctor, &ids).await?;
        found.retain(|waiting| left.get(&waiting.patient_id).is_none_or(|at| *at <= waiting.requested_at));
        asked.append(&mut found);
        match last.filter(|_| read == span.rows && (asked.len() as i64) < span.rows) {
            Some(last) => span.after = last,
            None => return Ok(asked),
        }
    }
}

/// Those who named this institution. Its own account also takes the last step.
async fn of_institution(tx: &mut Tx, role: Role, institution: HospitalId, span: Span) -> Result<Vec<Awaited>> {
    let mut found = validation::of_institution(tx, institution, ValidationStatus::ValidatedByDoctor, span).await?;
    if role == Role::Hospital {
        let last = ValidationStatus::ValidatedByInstitution;
        found.append(&mut validation::of_institution(tx, institution, last, span).await?);
    }
    Ok(found)
}
