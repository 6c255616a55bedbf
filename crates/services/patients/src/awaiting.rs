//! The queue of those who wait to be validated, as each of those who are asked sees it.
use access::{Caller, Entry, Kind, Role};
use kernel::{App, DoctorId, Error, HospitalId, Listed, PageQuery, PatientId, Result};

use crate::doors::InstitutionsDoor;
use crate::model::{Awaited, ValidationStatus};
use crate::queries::validation::{self, Span};

/// How many patients wait to be validated by this doctor: as many as the queue shows.
pub async fn awaiting_doctor(app: &App, doctor: DoctorId) -> Result<i64> {
    Ok(of_doctor(app, doctor, Span::WHOLE).await?.len() as i64)
}

/// A page of the patients who wait for the caller. The look is on the audit chain, with the number it showed.
pub async fn list(app: &App, caller: &Caller, page: &PageQuery) -> Result<Listed<Awaited>> {
    let after = page.after()?.unwrap_or_default();
    let span = match page.wants_total() {
        true => Span::WHOLE,
        false => Span { after, rows: page.rows() + page.skip() },
    };
    let mut found = of_caller(app, caller, span).await?;
    let total = page.wants_total().then_some(found.len() as i64);
    found.retain(|waiting| waiting.patient_id.0 > after);
    found.sort_by_key(|waiting| waiting.patient_id);
    let found = found.into_iter().skip(page.skip() as usize).take(page.rows() as usize).collect();
    let listed = Listed::new(found, page, |waiting: &Awaited| waiting.patient_id.0).with_total(total);
    let shown = format!("{} patients", listed.entries.len());
    let mut tx = app.db().begin().await?;
    access::record(&mut tx, Entry::of(caller, "list validations", shown, app.clock().now()));
    tx.commit().await?;
    Ok(listed)
}

/// Those who wait for the caller, in no order.
async fn of_caller(app: &App, caller: &Caller, span: Span) -> Result<Vec<Awaited>> {
    match (caller.role, caller.reference) {
        (Role::Doctor, Some(own)) => of_doctor(app, DoctorId(own), span).await,
        (Role::Nurse | Role::Hospital, Some(own)) => of_institution(app, caller.role, HospitalId(own), span).await,
        (Role::Admin, _) => validation::of_administrators(&mut app.db(), span).await,
        (role, _) => Err(Error::forbidden(format!("not for the role {role}"))),
    }
}

/// Those who named this doctor, and those who named no doctor but an institution where this one works; but those who sent
/// the doctor away since.
async fn of_doctor(app: &App, doctor: DoctorId, span: Span) -> Result<Vec<Awaited>> {
    let mut db = app.db();
    let institutions = (app.edge::<InstitutionsDoor>().of_doctor)(app.db(), doctor).await?;
    let (mut asked, mut span) = (Vec::new(), span);
    loop {
        let mut found = validation::of_doctor(&mut db, doctor, span).await?;
        for institution in &institutions {
            found.append(&mut validation::of_its_doctors(&mut db, *institution, span).await?);
        }
        found.sort_by_key(|waiting| waiting.patient_id);
        found.truncate(span.rows as usize);
        let (read, last) = (found.len() as i64, found.last().map(|waiting| waiting.patient_id.0));
        let ids: Vec<PatientId> = found.iter().map(|waiting| waiting.patient_id).collect();
        let left = access::last_ended(&mut db, doctor.0, Kind::AssignedDoctor, &ids).await?;
        found.retain(|waiting| left.get(&waiting.patient_id).is_none_or(|at| *at <= waiting.requested_at));
        asked.append(&mut found);
        match last.filter(|_| read == span.rows && (asked.len() as i64) < span.rows) {
            Some(last) => span.after = last,
            None => return Ok(asked),
        }
    }
}

/// Those who named this institution. Its own account also takes the last step.
async fn of_institution(app: &App, role: Role, institution: HospitalId, span: Span) -> Result<Vec<Awaited>> {
    let mut db = app.db();
    let mut found = validation::of_institution(&mut db, institution, ValidationStatus::ValidatedByDoctor, span).await?;
    if role == Role::Hospital {
        let last = ValidationStatus::ValidatedByInstitution;
        found.append(&mut validation::of_institution(&mut db, institution, last, span).await?);
    }
    Ok(found)
}
