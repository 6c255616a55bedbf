//! Keeping the index: with every registration and change, and once for those registered before there was one.
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ::contacts::{ContactKind, ContactPoint, Owner};
use kernel::{App, PatientId, Result, Task};
use store::{Sql, Tx};

use super::Key;
use crate::model::Stored;
use crate::queries::{patients, search};

/// Puts a new patient into the index.
pub async fn index(tx: &mut Tx, patient: &Stored) -> Result<()> {
    let keys = of(tx, patient).await?;
    search::add(tx, patient.load_key, &keys).await
}

/// What patients are found by at some moment.
pub type Entries = BTreeMap<PatientId, BTreeSet<Key>>;

/// What a patient is found by now, and the record that stands for the patient: nothing when there is no such patient.
/// Asked before a change of the registration or of a contact point, for [`reindex`] after it.
pub async fn keys_of(tx: &mut Tx, patient: PatientId) -> Result<Entries> {
    let head = patients::read(tx, patient).await?.and_then(|stored| stored.merge_group);
    let mut records = vec![patient];
    records.extend(head.filter(|head| *head != patient));
    keys_of_each(tx, &records).await
}

/// What each of these patients is found by now.
pub async fn keys_of_each(tx: &mut Tx, patients: &[PatientId]) -> Result<Entries> {
    let mut found = Entries::new();
    for patient in patients {
        if let Some(stored) = patients::read(tx, *patient).await? {
            found.insert(*patient, of(tx, &stored).await?);
        }
    }
    Ok(found)
}

/// Brings the index to what patients are found by after a change: those who were asked about before it.
pub async fn reindex(tx: &mut Tx, before: &Entries) -> Result<()> {
    let patients: Vec<PatientId> = before.keys().copied().collect();
    for (patient, now) in keys_of_each(tx, &patients).await? {
        let was = &before[&patient];
        search::remove(tx, patient, was.difference(&now)).await?;
        search::add(tx, patient, now.difference(was)).await?;
    }
    Ok(())
}

/// The record that stands for others of the same person is found by what any of them says.
async fn of(sql: &mut impl Sql, patient: &Stored) -> Result<BTreeSet<Key>> {
    let mut keys = Key::of(patient, &points_of(sql, patient).await?);
    if patient.stands_for_others() {
        for other in access::group(sql, patient.load_key).await? {
            if other != patient.load_key
                && let Some(other) = patients::read(sql, other).await?
            {
                keys.append(&mut Key::of(&other, &points_of(sql, &other).await?));
            }
        }
    }
    Ok(keys)
}

/// Every way to reach a patient, those of the registration among them.
pub async fn points_of(sql: &mut impl Sql, patient: &Stored) -> Result<Vec<ContactPoint>> {
    let address = patient.address.as_object().cloned().filter(|members| !members.is_empty());
    let owner = Owner {
        id: patient.load_key.0,
        patient: Some(patient.load_key),
        kinds: &[ContactKind::Email, ContactKind::Phone, ContactKind::Address],
        email: patient.email.clone(),
        phone: Some(patient.contact.clone()),
        address,
        version: patient.version,
    };
    ::contacts::list(sql, &owner, None).await
}

/// Patients of one transaction while the index is made up for.
const BATCH: i64 = 100;

/// Indexes who was registered before there was an index. Until it is done they are in lists, and not found by a search.
pub async fn index_old(app: &App) -> Result<()> {
    let mut done = 0;
    loop {
        let mut tx = app.db().begin().await?;
        let old = search::not_indexed(&mut tx, BATCH).await?;
        if old.is_empty() {
            break;
        }
        for patient in &old {
            index(&mut tx, patient).await?;
            search::mark_indexed(&mut tx, patient.load_key).await?;
        }
        tx.commit().await?;
        done += old.len();
    }
    if done > 0 {
        tracing::info!(patients = done, "indexed those registered before");
    }
    Ok(())
}

/// How long to wait before what failed is tried again.
const PAUSE: Duration = Duration::from_secs(10);

/// The loop that indexes old patients, which ends when none are left.
pub fn work(app: &App) -> Vec<Task> {
    let app = app.clone();
    vec![Box::pin(async move {
        while let Err(error) = index_old(&app).await {
            tracing::warn!(%error, "old patients could not be indexed; trying again");
            tokio::time::sleep(PAUSE).await;
        }
    })]
}
