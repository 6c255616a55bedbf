//! Looking for other records of the same person.
mod dates;
mod facts;
mod names;
mod score;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use access::data::Registration;
use access::{Caller, Grant, Read, Role};
use axum::http::StatusCode;
use futures::future::try_join_all;
use kernel::{App, Error, PatientId, Result};
use store::{Db, Sql};
use uuid::Uuid;

pub use facts::Facts;

use crate::merged;
use crate::model::{Candidate, DuplicateQuery, Duplicates, Likeness, Patient, Stored};
use crate::queries::{patients, search};
use crate::search::Key;

/// Records compared at most; a phone that more people share is a switchboard's.
const MOST: usize = 300;
/// Entries of the index looked at in one go, and for one thing that two records may have in common.
const BATCH: i64 = 500;
const LOOKED_AT: usize = 5_000;

/// How alike two records are.
pub async fn likeness(sql: &mut impl Sql, one: &Stored, other: &Stored) -> Result<Likeness> {
    Ok(score::likeness(&Facts::of(sql, one).await?, &Facts::of(sql, other).await?))
}

/// The records most like the patient's that the caller may read. Each that is shown is on the audit chain as a look at it.
pub async fn of_patient(
    app: &App,
    caller: &Caller,
    grant: &Grant<Read, Registration>,
    query: &DuplicateQuery,
) -> Result<Duplicates> {
    let (mut db, patient) = (app.db(), grant.patient());
    let stored = patients::by_id(&db, patient).await?.ok_or_else(|| Error::not_found("patient"))?;
    let facts = Facts::of(&mut db, &stored).await?;
    let mut found = Vec::new();
    let candidates = candidates(&mut db, caller, &stored, &facts).await?;
    let others = Facts::of_each(&mut db, &candidates).await?;
    for (candidate, other) in candidates.into_iter().zip(others) {
        let likeness = score::likeness(&facts, &other);
        if likeness.score >= i64::from(query.min_score.unwrap_or(50)) {
            found.push((likeness, candidate));
        }
    }
    found.sort_by_key(|(likeness, candidate)| (Reverse(likeness.score), candidate.load_key));
    found.truncate(query.limit.unwrap_or(20) as usize);
    let looks = try_join_all(found.iter().map(|(_, candidate)| look(app, caller, candidate.load_key))).await?;
    let shown: Vec<_> = found.into_iter().zip(looks).filter(|(_, seen)| *seen).map(|(found, _)| found).collect();
    answer(app, &mut db, patient, shown).await
}

/// Whether the caller may read the other record, which is on the audit chain then.
async fn look(app: &App, caller: &Caller, other: PatientId) -> Result<bool> {
    match Grant::<Read, Registration>::ask(app, caller, other).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.status(), StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Active records of others that have enough in common to be compared, those alike in name and birth date first.
async fn candidates(db: &mut Db, caller: &Caller, stored: &Stored, facts: &Facts) -> Result<Vec<Stored>> {
    let known = access::group(db, stored.load_key).await?;
    let near: Vec<Key> = dates::near(stored.date_of_birth).into_iter().map(Key::born).collect();
    let sounds: BTreeSet<Key> = kernel::words(&stored.name).iter().map(|word| Key::sound(word)).collect();
    let mut looks: Vec<(Vec<Key>, Option<Key>)> = sounds.into_iter().map(|key| (near.clone(), Some(key))).collect();
    looks.extend([(facts.email_keys(), None), (facts.phone_keys(), None)]);
    let mut ids: BTreeSet<PatientId> = BTreeSet::new();
    for (keys, other) in looks.iter().filter(|(keys, _)| !keys.is_empty()) {
        meeting(db, caller, (keys, other.as_ref()), &known, &mut ids).await?;
    }
    let ids: Vec<PatientId> = ids.into_iter().collect();
    let mut found = patients::by_ids(db, &ids).await?;
    found.retain(|candidate| candidate.is_active);
    Ok(found)
}

/// Adds those with these entries whom the caller has to do with, until there are enough of them. Others' records are
/// passed over, however many they are: they must not crowd out one's own.
async fn meeting(
    db: &mut Db,
    caller: &Caller,
    (keys, other): (&[Key], Option<&Key>),
    known: &[PatientId],
    ids: &mut BTreeSet<PatientId>,
) -> Result<()> {
    let (mut after, mut looked) = (Uuid::nil(), 0);
    while looked < LOOKED_AT && ids.len() < MOST {
        let batch = search::meeting(db, keys, other, after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        (after, looked) = (last.0, looked + batch.len());
        let ended = (batch.len() as i64) < BATCH;
        let related = match caller.role {
            Role::Admin => None,
            _ => Some(access::related_among(db, caller, &batch).await?),
        };
        let may = |id: &PatientId| !known.contains(id) && related.as_ref().is_none_or(|related| related.contains(id));
        let lacking = MOST.saturating_sub(ids.len());
        ids.extend(batch.into_iter().filter(may).take(lacking));
        if ended {
            return Ok(());
        }
    }
    Ok(())
}

async fn answer(app: &App, db: &mut Db, patient_id: PatientId, shown: Vec<(Likeness, Stored)>) -> Result<Duplicates> {
    let now = app.clock().now();
    let (likenesses, stored): (Vec<_>, Vec<_>) = shown.into_iter().unzip();
    let merges = merged::among(db, &stored).await?;
    let patients = stored.into_iter().map(|stored| merges.tell(Patient::of(stored, now)));
    let candidates = patients.zip(likenesses).map(|(patient, likeness)| Candidate { patient, likeness });
    Ok(Duplicates { patient_id, candidates: candidates.collect() })
}
