//! Keeping the index: with every registration and change, and once for those registered before there was one.
use std::collections::{BTreeMap, BTreeSet};

use kernel::{App, PatientId, Result, Task};
use store::{Sql, Tx};

use super::Key;
use crate::contact_points::owner;
use crate::model::Stored;
use crate::queries::{patients, search};

/// Puts a new patient into the index.
pub async fn index(tx: &mut Tx, patient: &Stored) -> Result<()> {
    let keys = of(tx, patient).await?;
    search::add(tx, patient.load_key, &keys).await
}

/// What patients are found by at some moment.
pub type Entries = BTreeMap<PatientId, BTreeSet<Key>>;

/// What a patient, whose row is locked, is found by now, and with the patient the record that stands for it. Asked before
/// a change of the registration or of a contact point, for [`reindex`] after it.
pub async fn keys_of(tx: &mut Tx, patient: &Stored) -> Result<Entries> {
    let mut found = Entries::new();
    if let Some(head) = patient.merge_group {
        // The head is found by what any of its records says: of two who change two of them, the second has to see what
        // the first has written.
        access::hold_group(tx, head).await?;
        if head != patient.load_key
            && let Some(head) = patients::read(tx, head).await?
        {
            found.insert(head.load_key, of(tx, &head).await?);
        }
    }
    found.insert(patient.load_key, of(tx, patient).await?);
    Ok(found)
}

/// What each of these patients is found by now.
pub async fn keys_of_each(tx: &mut Tx, patients: impl IntoIterator<Item = &Stored>) -> Result<Entries> {
    let mut found = Entries::new();
    for patient in patients {
        found.insert(patient.load_key, of(tx, patient).await?);
    }
    Ok(found)
}

/// Brings the index to what a patient is found by after a change, which the row says already.
pub async fn reindex(tx: &mut Tx, before: &Entries, changed: &Stored) -> Result<()> {
    let after = keys_of(tx, changed).await?;
    settle(tx, before, &after).await
}

/// Brings the index from what these patients were found by to what they are found by now.
pub async fn settle(tx: &mut Tx, before: &Entries, after: &Entries) -> Result<()> {
    let none = BTreeSet::new();
    for (patient, now) in after {
        let was = before.get(patient).unwrap_or(&none);
        search::remove(tx, *patient, was.difference(now)).await?;
        search::add(tx, *patient, now.difference(was)).await?;
    }
    Ok(())
}

/// Whether the index has to know of a change: of what only a registration shows, it knows nothing.
pub fn is_found_alike(was: &Stored, now: &Stored) -> bool {
    let said = |patient: &Stored| {
        let Stored { name, date_of_birth, contact, email, address, .. } = patient.clone();
        (name, date_of_birth, contact, email, address)
    };
    said(was) == said(now)
}

/// The record that stands for others of the same person is found by what any of them says.
async fn of(sql: &mut impl Sql, patient: &Stored) -> Result<BTreeSet<Key>> {
    let mut keys = Key::of(patient, &::contacts::list(sql, &owner(patient), None).await?);
    if patient.stands_for_others() {
        for other in access::group(sql, patient.load_key).await? {
            if other != patient.load_key
                && let Some(other) = patients::read(sql, other).await?
            {
                keys.append(&mut Key::of(&other, &::contacts::list(sql, &owner(&other), None).await?));
            }
        }
    }
    Ok(keys)
}

/// Patients of one transaction while the index is made up for.
const BATCH: i64 = 100;

/// Indexes who was registered before there was an index. Until it is done they are in lists, and not found by a search.
pub async fn index_old(app: &App) -> Result<()> {
    while index_some(app).await? > 0 {}
    Ok(())
}

async fn index_some(app: &App) -> Result<usize> {
    let mut tx = app.db().begin().await?;
    let old = search::not_indexed(&mut tx, BATCH).await?;
    for patient in &old {
        index(&mut tx, patient).await?;
        search::mark_indexed(&mut tx, patient.load_key).await?;
    }
    tx.commit().await?;
    Ok(old.len())
}

/// The loop that indexes old patients, which ends when none are left.
pub fn work(app: &App) -> Vec<Task> {
    vec![kernel::catch_up(app, "patients to find", |app| async move { index_some(&app).await })]
}
