//! Charting conditions and reading them, with a grant over the patient's records.
use access::data::Records;
use access::{Act, Grant, Read, Write};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{App, Error, IfMatch, Listed, PageQuery, PatientId, Result, Versioned as _};
use store::Tx;
use uuid::Uuid;
use vault::{PatientKey, Row, Vault};

use crate::lookup::require_active;
use crate::model::{
    Card, Condition, ConditionFilter, ConditionIn, ConditionKind, ConditionPatch, ConditionSecret, ConditionStatus,
    ConditionStored, PatientIn, Summary,
};
use crate::queries::conditions;
use crate::{contacts, sealed, tell};

/// Charts a condition.
pub async fn add(app: &App, tx: &mut Tx, grant: &Grant<Write, Records>, said: ConditionIn) -> Result<Condition> {
    refuse_resolved_before_diagnosed(said.diagnosed_date, said.resolved_date)?;
    let (patient, now) = (grant.patient(), app.clock().now());
    refuse_diagnosed_before_born(said.diagnosed_date, &require_active(tx, patient).await?)?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let secret = ConditionSecret {
        condition_name: said.condition_name.trim().to_owned(),
        code: said.code,
        severity: said.severity,
        notes: said.notes,
    };
    let mut new = standing(&key, said.kind.unwrap_or(ConditionKind::Condition), &secret, grant.actor(), now)?;
    new.status = said.status.unwrap_or(ConditionStatus::Active);
    (new.diagnosed_date, new.resolved_date) = (said.diagnosed_date, said.resolved_date);
    new.is_sensitive = said.is_sensitive.unwrap_or_default();
    conditions::add(tx, std::slice::from_ref(&new)).await?;
    tell::event(app, tx, "condition.added", patient, new.id, now);
    Ok(Condition::of(&new, secret))
}

/// Says how a condition stands now. 412 when it has been changed since the caller saw it.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Records>,
    (id, seen): (Uuid, &IfMatch),
    said: ConditionPatch,
) -> Result<Condition> {
    let patient = grant.patient();
    refuse_diagnosed_before_born(said.diagnosed_date, &require_active(tx, patient).await?)?;
    let found = conditions::lock(tx, patient, id).await?.filter(|found| grant.shows(found.mark()));
    let was = found.ok_or_else(|| Error::not_found("condition"))?;
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    let secret = secret_of(grant, &key, &was)?;
    seen.require(Condition::of(&was, secret.clone()).version())?;
    let now = contacts::after(was.updated_at, app.clock().now());
    let status = said.status.unwrap_or(was.status);
    let diagnosed_date = said.diagnosed_date.or(was.diagnosed_date);
    let resolved_date = match status {
        ConditionStatus::Resolved => said.resolved_date.or(was.resolved_date).or(Some(now.date_naive())),
        _ if said.resolved_date.is_some() => return Err(Error::invalid("resolved_date", "goes with resolved alone")),
        _ => None,
    };
    refuse_resolved_before_diagnosed(diagnosed_date, resolved_date)?;
    let secret = ConditionSecret {
        severity: said.severity.over(secret.severity),
        notes: said.notes.over(secret.notes),
        ..secret
    };
    let sealed = sealed::seal(&key, row(id), &secret)?;
    let changed = ConditionStored { status, diagnosed_date, resolved_date, sealed, updated_at: now, ..was };
    conditions::change(tx, &changed).await?;
    tell::event(app, tx, "condition.changed", patient, id, now);
    Ok(Condition::of(&changed, secret))
}

fn refuse_diagnosed_before_born(diagnosed: Option<NaiveDate>, patient: &Card) -> Result<()> {
    match diagnosed {
        Some(diagnosed) if diagnosed < patient.date_of_birth => {
            Err(Error::invalid("diagnosed_date", "is before the patient's birth"))
        }
        _ => Ok(()),
    }
}

fn refuse_resolved_before_diagnosed(diagnosed: Option<NaiveDate>, resolved: Option<NaiveDate>) -> Result<()> {
    match resolved.zip(diagnosed) {
        Some((resolved, diagnosed)) if resolved < diagnosed => {
            Err(Error::invalid("resolved_date", "is before diagnosed_date"))
        }
        _ => Ok(()),
    }
}

/// Charts what was said at registration.
pub async fn chart_first(tx: &mut Tx, key: &PatientKey, said: &PatientIn, by: Uuid, now: DateTime<Utc>) -> Result<()> {
    let mut new = named(key, ConditionKind::Allergy, said.allergies.clone(), by, now)?;
    new.append(&mut named(key, ConditionKind::Chronic, said.chronic_conditions.clone(), by, now)?);
    conditions::add(tx, &new).await
}

/// Makes the patient's list of one kind hold these names. What is not among them any more is resolved and stays in the
/// chart: what a patient was allergic to is history, not a mistake. What the grant does not show stays as it is.
pub async fn restate(
    app: &App,
    tx: &mut Tx,
    grant: &Grant<Write, Records>,
    kind: ConditionKind,
    mut names: Vec<String>,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let key = sealed::key_in(tx, app.edge::<Vault>(), patient).await?;
    names.iter_mut().for_each(|name| *name = name.trim().to_owned());
    let standing = conditions::standing(tx, patient).await?.into_iter();
    for known in standing.filter(|known| known.kind == kind && grant.shows(known.mark())) {
        let name = secret_of(grant, &key, &known)?.condition_name;
        match names.contains(&name) {
            true => names.retain(|kept| *kept != name),
            false => conditions::resolve(tx, known.id, contacts::after(known.updated_at, now)).await?,
        }
    }
    conditions::add(tx, &named(&key, kind, names, grant.actor(), now)?).await
}

/// A page of a patient's conditions.
pub async fn list(
    app: &App,
    grant: &Grant<Read, Records>,
    page: &PageQuery,
    filter: &ConditionFilter,
) -> Result<Listed<Condition>> {
    let found = conditions::of_patient(&mut app.db(), grant, page, filter).await?;
    let key = key(app, grant.patient()).await?;
    let open = |stored: ConditionStored| secret_of(grant, &key, &stored).map(|secret| Condition::of(&stored, secret));
    let opened = found.into_iter().map(open).collect::<Result<Vec<_>>>()?;
    Ok(Listed::new(opened, page, |condition| condition.id))
}

/// All of a patient's conditions, resolved ones too, in the order they were charted.
pub async fn all(app: &App, grant: &Grant<Read, Records>) -> Result<Vec<Condition>> {
    let found = conditions::all(&mut app.db(), grant.patient()).await?;
    let key = key(app, grant.patient()).await?;
    let open = |stored: ConditionStored| secret_of(grant, &key, &stored).map(|secret| Condition::of(&stored, secret));
    found.into_iter().filter(|found| grant.shows(found.mark())).map(open).collect()
}

/// A patient's allergies and chronic conditions that are not resolved.
pub async fn summary(app: &App, grant: &Grant<Read, Records>) -> Result<Summary> {
    let found = conditions::standing(&mut app.db(), grant.patient()).await?;
    let key = key(app, grant.patient()).await?;
    let mut summary = Summary::default();
    for stored in found.into_iter().filter(|found| grant.shows(found.mark())) {
        let name = secret_of(grant, &key, &stored)?.condition_name;
        match stored.kind {
            ConditionKind::Allergy => summary.allergies.push(name),
            ConditionKind::Chronic => summary.chronic_conditions.push(name),
            ConditionKind::Condition => {}
        }
    }
    Ok(summary)
}

async fn key(app: &App, patient: PatientId) -> Result<PatientKey> {
    app.edge::<Vault>().key(&app.db(), patient).await
}

/// New entries of one kind, each name once, in the order given.
fn named(
    key: &PatientKey,
    kind: ConditionKind,
    names: Vec<String>,
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<ConditionStored>> {
    let mut once: Vec<String> = Vec::with_capacity(names.len());
    for name in names.into_iter().map(|name| name.trim().to_owned()) {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    let secret = |condition_name| ConditionSecret { condition_name, code: None, severity: None, notes: None };
    once.into_iter().map(|name| standing(key, kind, &secret(name), by, now)).collect()
}

fn standing(
    key: &PatientKey,
    kind: ConditionKind,
    secret: &ConditionSecret,
    by: Uuid,
    now: DateTime<Utc>,
) -> Result<ConditionStored> {
    let id = kernel::ids::new();
    Ok(ConditionStored {
        id,
        patient_id: key.patient(),
        kind,
        status: ConditionStatus::Active,
        diagnosed_date: None,
        resolved_date: None,
        sealed: sealed::seal(key, row(id), secret)?,
        created_by: by,
        created_at: now,
        updated_at: now,
        is_sensitive: false,
    })
}

fn secret_of<A: Act>(grant: &Grant<A, Records>, key: &PatientKey, stored: &ConditionStored) -> Result<ConditionSecret> {
    grant.covers(stored.patient_id)?;
    sealed::open(key, row(stored.id), &stored.sealed)
}

fn row(id: Uuid) -> Row<'static> {
    Row { table: "patient_conditions", id }
}
