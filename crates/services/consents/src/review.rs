//! Reviewing broken glass, and showing it: to the patient, and to those who review.
use std::collections::HashMap;

use access::{Caller, Entry, Streams};
use kernel::{App, Error, Listed, PageQuery, PatientId, Result, UserId};
use store::{Sql, Tx};
use uuid::Uuid;
use vault::PatientKey;

use crate::asked::{GlassFilter, ReviewIn};
use crate::model::{BrokenGlass, Outcome, StoredGlass};
use crate::{actors, queries, sealed, tell};

/// A page of the breaks over one patient's chart, the newest first.
pub async fn of_patient(app: &App, patient: PatientId, page: &PageQuery) -> Result<Listed<BrokenGlass>> {
    let found = queries::glass::of_patient(&mut app.db(), patient, page).await?;
    opened(app, Listed::new(found, page, |glass| glass.id)).await
}

/// A page of the breaks over all charts, the oldest first. Reasons are shown to those who review them: each patient
/// concerned has it on the audit chain.
pub async fn queue(app: &App, caller: &Caller, filter: &GlassFilter, page: &PageQuery) -> Result<Listed<BrokenGlass>> {
    let found = queries::glass::queue(&mut app.db(), filter.status, page).await?;
    let listed = Listed::new(found, page, |glass| glass.id);
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    access::record(&mut tx, Entry::of(caller, "list broken glass", listed.entries.len(), now));
    for glass in &listed.entries {
        let look = Entry::of(caller, "read broken glass", glass.id, now);
        access::record(&mut tx, look.about(glass.patient_id).because("review"));
    }
    tx.commit().await?;
    opened(app, listed).await
}

/// Writes down what the review found; unjustified, it opens nothing from now on. 409 when it was reviewed before, 403 for
/// one's own.
pub async fn review(app: &App, tx: &mut Tx, caller: &Caller, id: Uuid, said: ReviewIn) -> Result<BrokenGlass> {
    let now = app.clock().now();
    let was = queries::glass::lock(tx, id).await?.ok_or_else(|| Error::not_found("review"))?;
    if was.account_id.0 == caller.actor {
        return Err(Error::forbidden("somebody else reviews what you did"));
    }
    if let Some(outcome) = was.outcome {
        return Err(Error::conflict(format!("it was reviewed already: {outcome}")).about("outcome"));
    }
    let key = sealed::key_in(app, tx, was.patient_id).await?;
    let note = said.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    let reviewed = StoredGlass {
        outcome: Some(said.outcome),
        note: note.map(|note| sealed::seal(&key, sealed::REVIEW, id, &note)).transpose()?,
        reviewed_by: Some(UserId(caller.actor)),
        reviewed_at: Some(now),
        ..was
    };
    queries::glass::review(tx, &reviewed).await?;
    if said.outcome == Outcome::Unjustified {
        access::end_basis(tx, id, now).await?;
        app.edge::<Streams>().close_after(tx, id);
    }
    tell::told(app, tx, caller, ("glass.reviewed", "glass.review"), (reviewed.patient_id, id), now);
    let name = name(tx, &reviewed).await?;
    shown(&key, &reviewed, name)
}

async fn opened(app: &App, listed: Listed<StoredGlass>) -> Result<Listed<BrokenGlass>> {
    let mut names: HashMap<UserId, Option<String>> = HashMap::new();
    let mut all = Vec::with_capacity(listed.entries.len());
    for glass in &listed.entries {
        // Whoever broke the glass often is looked up once.
        let name = match names.get(&glass.account_id) {
            Some(known) => known.clone(),
            None => name(&mut app.db(), glass).await?,
        };
        names.insert(glass.account_id, name.clone());
        all.push(match sealed::key(app, glass.patient_id).await? {
            Some(key) => shown(&key, glass, name)?,
            None => BrokenGlass::of(glass, name, "erased with the patient".to_owned(), None),
        });
    }
    Ok(listed.with_entries(all))
}

async fn name(sql: &mut impl Sql, glass: &StoredGlass) -> Result<Option<String>> {
    actors::name(sql, glass.account_id.0, glass.role, glass.reference_id).await
}

fn shown(key: &PatientKey, glass: &StoredGlass, name: Option<String>) -> Result<BrokenGlass> {
    let reason = sealed::open(key, sealed::GLASS, glass.id, &glass.sealed)?;
    let note = glass.note.as_deref().map(|note| sealed::open(key, sealed::REVIEW, glass.id, note)).transpose()?;
    Ok(BrokenGlass::of(glass, name, reason, note))
}
