//! Merging two records of one person, and parting them again.
//!
//! Nothing is moved: each record keeps what was charted under it and goes on being named by its id. Whoever is related to
//! one becomes related to the other (`access::join`) when a hospital merges them that knew both, and what is read of one
//! shows both. Undoing ends exactly that.
use std::collections::HashMap;

use access::data::Registration;
use access::{Caller, Grant, Kind, Role, Sharing, Write};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, Error, Listed, PageQuery, PatientId, Result};
use store::{Db, Sql, Tx};

use crate::doors::OpenAdmission;
use crate::merged::Merges;
use crate::model::{Merge, MergeIn, Stored};
use crate::queries::{merges, patients};
use crate::{duplicates, lookup, search, tell};

/// Two records with the permission to say that they are one person's, or that they are not.
pub struct Pair {
    survivor: PatientId,
    absorbed: PatientId,
    /// All records of both persons, in the order they are locked.
    members: Vec<PatientId>,
}

impl Pair {
    /// Looks the other record up and asks for the second grant. 403 for all but administrators and front desks; 422 about
    /// `absorbed_id` when it names nobody the caller may change, or the record itself; 403 for a hospital that has to do
    /// with either only for now.
    pub async fn permitted(
        app: &App,
        caller: &Caller,
        grant: &Grant<Write, Registration>,
        absorbed: &str,
    ) -> Result<Self> {
        if !matches!(caller.role, Role::Admin | Role::Hospital) {
            return Err(Error::forbidden("only for administrators and the front desk of a hospital"));
        }
        let (mut db, survivor) = (app.db(), grant.patient());
        let absorbed = other(app, caller, &db, absorbed).await?;
        if absorbed == survivor {
            return Err(Error::invalid("absorbed_id", "is the record it is to be merged into"));
        }
        let members = members(&mut db, survivor, absorbed).await?;
        require_lasting(&mut db, caller, &[survivor, absorbed]).await?;
        Ok(Self { survivor, absorbed, members })
    }

    /// Locks every record of both persons, so that no relation begins meanwhile.
    async fn lock(&self, tx: &mut Tx) -> Result<HashMap<PatientId, Stored>> {
        let mut locked = HashMap::new();
        for member in &self.members {
            let stored = patients::lock(tx, *member).await?.ok_or_else(|| Error::not_found("patient"))?;
            locked.insert(*member, stored);
        }
        match members(tx, self.survivor, self.absorbed).await? == self.members {
            true => Ok(locked),
            false => Err(Error::conflict("somebody merged or parted these records at this moment; look again")),
        }
    }
}

/// A merge outlasts an admission, and gives whoever is related to one record the other: a hospital says it only of those
/// whom it registered, validated or treats for good, by a relation that no merge gave it.
async fn require_lasting(sql: &mut impl Sql, caller: &Caller, records: &[PatientId]) -> Result<()> {
    let (Role::Hospital, Some(own)) = (caller.role, caller.reference) else { return Ok(()) };
    let lasting = [Kind::RegisteringHospital, Kind::ValidatingInstitution, Kind::TreatingInstitution];
    for record in records {
        let kinds = access::own_kinds(sql, *record, own).await?;
        if !kinds.iter().any(|kind| lasting.contains(kind)) {
            return Err(Error::forbidden("only for a hospital that registered or validated both records"));
        }
    }
    Ok(())
}

/// An administrator makes accounts and doctors, and would open a chart to one of them by merging it with a record made for
/// that. So an administrator says that two records are one person's, and opens neither to anybody.
fn sharing(caller: &Caller) -> Sharing {
    match caller.role {
        Role::Admin => Sharing::Nothing,
        _ => Sharing::Relations,
    }
}

async fn other(app: &App, caller: &Caller, db: &Db, name: &str) -> Result<PatientId> {
    let unknown = || Error::invalid("absorbed_id", "names no patient that you may change");
    let found = lookup::find(db, name).await?.ok_or_else(unknown)?;
    match Grant::<Write, Registration>::ask(app, caller, found).await {
        Ok(_) => Ok(found),
        Err(error) if error.status() == StatusCode::NOT_FOUND => Err(unknown()),
        Err(error) => Err(error),
    }
}

async fn members(sql: &mut impl Sql, survivor: PatientId, absorbed: PatientId) -> Result<Vec<PatientId>> {
    let mut members = access::group(sql, survivor).await?;
    members.append(&mut access::group(sql, absorbed).await?);
    members.sort_unstable();
    members.dedup();
    Ok(members)
}

/// Merges the pair. 409 when either was deactivated or is merged into another already, and when both are admitted.
pub async fn merge(app: &App, tx: &mut Tx, caller: &Caller, pair: &Pair, said: MergeIn) -> Result<Merge> {
    let now = app.clock().now();
    let (survivor, absorbed) = (pair.survivor, pair.absorbed);
    let locked = pair.lock(tx).await?;
    refuse_merged(tx, survivor, absorbed).await?;
    let (kept, other) = (active(&locked, survivor, "id")?, active(&locked, absorbed, "absorbed_id")?);
    let (ours, theirs) = (access::group(tx, survivor).await?, access::group(tx, absorbed).await?);
    if admitted(app, tx, &ours).await? && admitted(app, tx, &theirs).await? {
        return Err(Error::conflict("both are admitted to a hospital now; discharge one of them first"));
    }
    let new = Merge {
        id: kernel::ids::new(),
        survivor_id: survivor,
        absorbed_id: absorbed,
        reason: said.reason.trim().to_owned(),
        score: Some(duplicates::likeness(tx, kept, other).await?.score),
        merged_by: caller.actor,
        merged_at: now,
        unmerged_by: None,
        unmerged_at: None,
    };
    let found_by = search::keys_of_each(tx, locked.values()).await?;
    merges::add(tx, &new).await?;
    access::join(tx, (survivor, &ours), (absorbed, &theirs), sharing(caller), now).await?;
    for member in &pair.members {
        patients::set_merge_group(tx, *member, Some(survivor)).await?;
    }
    let headed = locked.into_values().map(|record| Stored { merge_group: Some(survivor), ..record });
    let found_by_now = search::keys_of_each(tx, &headed.collect::<Vec<_>>()).await?;
    search::settle(tx, &found_by, &found_by_now).await?;
    told(app, tx, caller, ("patient.merged", "patient.merge"), &new, now);
    Ok(new)
}

async fn refuse_merged(tx: &mut Tx, survivor: PatientId, absorbed: PatientId) -> Result<()> {
    match merges::current(tx, absorbed).await?.map(|merge| merge.survivor_id) {
        Some(into) if into == survivor => {
            return Err(Error::conflict("is merged into this record already").about("absorbed_id"));
        }
        Some(into) => return Err(Error::conflict(format!("is merged into {into} already")).about("absorbed_id")),
        None => {}
    }
    let Some(into) = merges::current(tx, survivor).await?.map(|merge| merge.survivor_id) else { return Ok(()) };
    match access::group(tx, survivor).await?.contains(&absorbed) {
        true => Err(Error::conflict(format!(
            "would be a cycle: the record in the path is merged into {into}; part them first"
        ))
        .about("absorbed_id")),
        false => Err(Error::conflict(format!("the record in the path is merged into {into}: merge into that one"))),
    }
}

fn active<'a>(locked: &'a HashMap<PatientId, Stored>, id: PatientId, member: &'static str) -> Result<&'a Stored> {
    let stored = locked.get(&id).ok_or_else(|| Error::not_found("patient"))?;
    match stored.is_active {
        true => Ok(stored),
        false => Err(Error::conflict("the patient has been deactivated").about(member)),
    }
}

async fn admitted(app: &App, tx: &mut Tx, records: &[PatientId]) -> Result<bool> {
    for record in records {
        if (app.edge::<OpenAdmission>().0)(tx, *record).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Parts the pair again: every relation that came through one to the other ends, and nothing else does. 409 when they are
/// not merged with each other.
pub async fn unmerge(app: &App, tx: &mut Tx, caller: &Caller, pair: &Pair) -> Result<Merge> {
    let now = app.clock().now();
    let mut records = pair.lock(tx).await?;
    let current = merges::current(tx, pair.absorbed).await?;
    let was = match current {
        Some(merge) if merge.survivor_id == pair.survivor => merge,
        Some(merge) => {
            let why = format!("is merged into {}, not into the record in the path", merge.survivor_id);
            return Err(Error::conflict(why).about("absorbed_id"));
        }
        None => return Err(Error::conflict("is merged into no other record").about("absorbed_id")),
    };
    let found_by = search::keys_of_each(tx, records.values()).await?;
    let (staying, leaving) = sides(tx, pair).await?;
    access::part(tx, &staying, &leaving, now).await?;
    for side in [&staying, &leaving] {
        let head = side.first().copied().filter(|_| side.len() > 1);
        for member in side {
            patients::set_merge_group(tx, *member, head).await?;
            records.entry(*member).and_modify(|record| record.merge_group = head);
        }
    }
    let found_by_now = search::keys_of_each(tx, records.values()).await?;
    search::settle(tx, &found_by, &found_by_now).await?;
    let ended = Merge { unmerged_by: Some(caller.actor), unmerged_at: Some(now), ..was };
    merges::end(tx, &ended).await?;
    told(app, tx, caller, ("patient.unmerged", "patient.unmerge"), &ended, now);
    Ok(ended)
}

/// Parts a record from every other that it is merged with now.
pub async fn part_from_all(app: &App, tx: &mut Tx, caller: &Caller, patient: PatientId) -> Result<()> {
    loop {
        let group = access::group(tx, patient).await?;
        let current = merges::current_among(tx, &group).await?;
        let Some(merge) = current.into_iter().find(|m| m.survivor_id == patient || m.absorbed_id == patient) else {
            return Ok(());
        };
        let (survivor, absorbed) = (merge.survivor_id, merge.absorbed_id);
        let pair = Pair { survivor, absorbed, members: members(tx, survivor, absorbed).await? };
        unmerge(app, tx, caller, &pair).await?;
    }
}

/// The records on either side once the pair is parted, the one that stands for the others first.
async fn sides(tx: &mut Tx, pair: &Pair) -> Result<(Vec<PatientId>, Vec<PatientId>)> {
    let merges = Merges::of(tx, &pair.members).await?;
    let mut leaving = vec![pair.absorbed];
    leaving.append(&mut merges.below(pair.absorbed));
    let stays = pair.members.iter().copied().filter(|member| !leaving.contains(member));
    let (heads, rest): (Vec<PatientId>, Vec<PatientId>) = stays.partition(|member| merges.above(*member).is_none());
    Ok((heads.into_iter().chain(rest).collect(), leaving))
}

/// Says it of both: whoever follows either, or asks the audit chain about either, learns it.
fn told(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    (event, deed): (&'static str, &'static str),
    merge: &Merge,
    now: DateTime<Utc>,
) {
    for (one, other) in [(merge.survivor_id, merge.absorbed_id), (merge.absorbed_id, merge.survivor_id)] {
        tell::event(app, tx, event, one, other.0, now);
        tell::audit(tx, caller, deed, one, other, now);
    }
}

/// The merges a record took part in, the last first, but those with a record that is somebody else's to see.
pub async fn journal(app: &App, caller: &Caller, patient: PatientId, page: &PageQuery) -> Result<Listed<Merge>> {
    let mut db = app.db();
    let found = merges::of_patient(&mut db, patient, page).await?;
    let mut listed = Listed::new(found, page, |merge| merge.id);
    if caller.role != Role::Admin {
        let other = |merge: &Merge| if merge.survivor_id == patient { merge.absorbed_id } else { merge.survivor_id };
        let others: Vec<PatientId> = listed.entries.iter().map(other).collect();
        let seen = access::related_among(&mut db, caller, &others).await?;
        listed.entries.retain(|merge| seen.contains(&other(merge)));
    }
    Ok(listed)
}
