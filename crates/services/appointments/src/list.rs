//! Lists of appointments, by the time they begin.
use std::collections::HashMap;

use access::{Action, Caller, Category, Decision, Entry, Grant, Read, Role, Span, data, decide};
use chrono::{DateTime, Utc};
use kernel::{App, DoctorId, Error, Listed, PageQuery, PatientId, Result};
use serde_json::Value;
use store::Tx;
use uuid::Uuid;
use vault::Vault;

use crate::asked::{AppointmentFilter, of_this_age};
use crate::model::{Appointment, AppointmentId, Stored};
use crate::queries::{self, Place, Wanted};
use crate::{sealed, whose};

type Look = Grant<Read, data::Appointments>;

/// Rows of a doctor's that are read at a time, to find those that the caller may see.
const BATCH: i64 = 200;

/// A page of the appointments that are asked for: one patient's, or one doctor's.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &AppointmentFilter,
    page: &PageQuery,
) -> Result<Listed<Appointment>> {
    let doctor = whose::doctor(app, caller, filter.doctor_id.as_deref()).await?;
    let wanted =
        Wanted { doctor, status: filter.status, from: filter.from, to: filter.to, patient: None, ends_after: None };
    if filter.patient_id.is_some() || caller.role == Role::Patient {
        let grant = whose::grant(app, caller, filter.patient_id.as_deref()).await?;
        let mut grants = grant.others(app, caller).await?;
        grants.insert(0, grant);
        return of_person(app, &grants, &wanted, page).await;
    }
    let own = caller.reference.filter(|_| caller.role == Role::Doctor).map(DoctorId);
    match doctor.or(own) {
        Some(doctor) => of_doctor(app, caller, doctor, &wanted, page).await,
        None => Err(Error::invalid("patient_id", "is required, or doctor_id: whose appointments are asked for")),
    }
}

/// A page of one patient's.
pub async fn of_patient(app: &App, grant: &Look, wanted: &Wanted, page: &PageQuery) -> Result<Listed<Appointment>> {
    let wanted = within(grant, wanted);
    let db = app.db();
    let found = queries::find(&mut db.clone(), &wanted, place_in(page)?, page.skip(), page.rows()).await?;
    let total = match page.wants_total() {
        true => Some(queries::count(&mut db.clone(), &wanted).await?),
        false => None,
    };
    let key = app.edge::<Vault>().key(&db, grant.patient()).await?;
    let opened = found.iter().map(|stored| sealed::open(grant, &key, stored)).collect::<Result<Vec<_>>>()?;
    Ok(Listed::placed(opened, page, |shown| place_of(shown.scheduled_at, shown.id)).with_total(total))
}

/// What is wanted of the grant's patient, and of its time.
fn within(grant: &Look, wanted: &Wanted) -> Wanted {
    let of_patient = Wanted { patient: Some(grant.patient()), ..*wanted };
    if grant.span().is_always() {
        return of_patient;
    }
    let (from, to) = (wanted.from.unwrap_or(DateTime::UNIX_EPOCH), wanted.to.unwrap_or(grant.span().bounds().1));
    // When nothing is left, nothing begins at a moment before itself.
    let (from, to) = grant.span().cut(from, to).unwrap_or((from, from));
    Wanted { from: Some(from), to: Some(to), ..of_patient }
}

/// A page of one person's, under whichever of the ids they were booked.
async fn of_person(app: &App, grants: &[Look], wanted: &Wanted, page: &PageQuery) -> Result<Listed<Appointment>> {
    if let [grant] = grants {
        return of_patient(app, grant, wanted, page).await;
    }
    // Any one of the records may have all of the page, those passed over, and the one that tells of a next page.
    let (skip, wide) = (page.skip() as usize, (page.skip() + page.rows()) as u32);
    let wide = PageQuery { skip: None, limit: Some(wide), total: None, ..page.clone() };
    let (mut found, mut total) = (Vec::new(), 0);
    for grant in grants {
        found.append(&mut of_patient(app, grant, wanted, &wide).await?.entries);
        if page.wants_total() {
            total += queries::count(&mut app.db(), &within(grant, wanted)).await?;
        }
    }
    let total = page.wants_total().then_some(total);
    found.sort_by_key(|shown| (shown.scheduled_at, shown.id));
    let found = found.into_iter().skip(skip).collect();
    Ok(Listed::placed(found, page, |shown: &Appointment| place_of(shown.scheduled_at, shown.id)).with_total(total))
}

/// A doctor's appointments: to the doctor all of them, to others those of patients whose appointments they may see. The
/// list is put on the audit chain, and each patient of whom it shows words.
async fn of_doctor(
    app: &App,
    caller: &Caller,
    doctor: DoctorId,
    wanted: &Wanted,
    page: &PageQuery,
) -> Result<Listed<Appointment>> {
    let (wanted, own) = (Wanted { doctor: Some(doctor), ..*wanted }, caller.stands_for(Role::Doctor, doctor.0));
    let mut tx = app.db().begin().await?;
    let found = match own {
        true => queries::find(&mut tx, &wanted, place_in(page)?, page.skip(), page.rows()).await?,
        false => visible(app, &mut tx, caller, &wanted, page).await?,
    };
    let listed = Listed::placed(found, page, |stored| place_of(stored.scheduled_at, stored.id));
    let total = match (page.wants_total(), own) {
        (true, true) => Some(queries::count(&mut tx, &wanted).await?),
        (true, false) => Some(visible(app, &mut tx, caller, &wanted, &everything()).await?.len() as i64),
        (false, _) => None,
    };
    let grants = look(app, &mut tx, caller, &listed.entries).await?;
    let shown = format!("{} appointments", listed.entries.len());
    access::record(&mut tx, Entry::of(caller, "list appointments", shown, app.clock().now()));
    let patients: Vec<PatientId> = grants.keys().copied().collect();
    let keys = app.edge::<Vault>().keys(&mut tx, &patients).await?;
    tx.commit().await?;
    let open = |stored: &Stored| match (grants.get(&stored.patient_id), keys.get(&stored.patient_id)) {
        (Some(grant), Some(key)) if grant.span().includes(stored.scheduled_at) => sealed::open(grant, key, stored),
        // The doctor's own time that is over: that it was, and nothing of what it was for.
        _ => Ok(Appointment::of(stored, None)),
    };
    let opened = listed.entries.iter().map(open).collect::<Result<Vec<_>>>()?;
    let mut opened = opened.into_iter();
    Ok(listed.with_total(total).map(|stored| opened.next().unwrap_or_else(|| Appointment::of(&stored, None))))
}

/// The rows of a page that the caller may see and one more, in batches until they are found. Those to skip are counted as the caller counts them.
async fn visible(app: &App, tx: &mut Tx, caller: &Caller, wanted: &Wanted, page: &PageQuery) -> Result<Vec<Stored>> {
    let (mut after, mut to_skip, mut found) = (place_in(page)?, page.skip(), Vec::new());
    loop {
        let batch = queries::find(tx, wanted, after, 0, BATCH).await?;
        let patients: Vec<Uuid> = batch.iter().map(|stored| stored.patient_id.0).collect();
        let related = access::related(tx, &patients).await?;
        after = batch.last().map(|last| (last.scheduled_at, last.id));
        let ended = (batch.len() as i64) < BATCH;
        let now = app.clock().now();
        let may = |stored: &Stored| {
            let reach = read(caller, stored.patient_id, related.of(stored.patient_id), now);
            reach.is_some_and(|span| span.includes(stored.scheduled_at))
        };
        for stored in batch.into_iter().filter(may) {
            match to_skip {
                0 => found.push(stored),
                _ => to_skip -= 1,
            }
        }
        if ended || found.len() > page.limit() {
            return Ok(found);
        }
    }
}

fn everything() -> PageQuery {
    PageQuery { limit: Some(u32::MAX), ..PageQuery::default() }
}

/// Of which time the caller may read the patient's appointments; none for whoever may not.
fn read(caller: &Caller, patient: PatientId, relations: &[access::Relation], now: DateTime<Utc>) -> Option<Span> {
    match decide(caller, Action::Read, Category::Appointments, patient, relations, now) {
        Decision::Allowed { reach, .. } => Some(reach.span),
        Decision::Refused(_) => None,
    }
}

/// A grant over each patient of the page whose appointments the caller may read.
async fn look(app: &App, tx: &mut Tx, caller: &Caller, shown: &[Stored]) -> Result<HashMap<PatientId, Look>> {
    let mut patients: Vec<Uuid> = shown.iter().map(|stored| stored.patient_id.0).collect();
    patients.sort_unstable();
    patients.dedup();
    let related = access::related(tx, &patients).await?;
    let now = app.clock().now();
    let may = |patient: &PatientId| read(caller, *patient, related.of(*patient), now).is_some();
    let granted = patients.into_iter().map(PatientId).filter(may);
    granted.map(|patient| Ok((patient, Grant::ask_in(tx, caller, patient, related.of(patient), now)?))).collect()
}

/// A patient's next booked appointments, as the patient's dashboard shows them.
pub async fn next(app: &App, grant: &Look) -> Result<Vec<Value>> {
    let mut found = queries::next(&mut app.db(), grant.patient(), app.clock().now(), 10).await?;
    found.retain(|stored| grant.span().includes(stored.scheduled_at));
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let shown = |stored| serde_json::to_value(sealed::open(grant, &key, stored)?).map_err(Error::internal);
    found.iter().map(shown).collect()
}

pub fn place_of(at: DateTime<Utc>, id: AppointmentId) -> String {
    format!("{}.{}", at.timestamp_micros(), id.0.simple())
}

pub fn place_in(page: &PageQuery) -> Result<Option<Place>> {
    let Some(cursor) = &page.cursor else { return Ok(None) };
    let read = || {
        let (at, id) = cursor.split_once('.')?;
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        of_this_age(&at, &()).ok()?;
        Some((at, id.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| Error::invalid("cursor", "is not a cursor of this list"))
}
