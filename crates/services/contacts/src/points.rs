//! Listing, adding, changing and removing contact points, and making one of them the record's own.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use kernel::{Error, IfMatch, Result, Text as _};
use store::{Sql, Tx};
use uuid::Uuid;

use crate::queries::{self, Stored};
use crate::{ContactKind, ContactLabel, ContactPoint, ContactPointIn, ContactPointPatch, ContactValue, Outcome, Owner};

/// Further points of one kind that a record may have.
pub const MOST: usize = 20;

/// The contact points of a record, kind by kind, of each the primary first. They are few, so there are no pages.
pub async fn list(sql: &mut impl Sql, owner: &Owner, kind: Option<ContactKind>) -> Result<Vec<ContactPoint>> {
    Ok(listed(owner, &queries::of_owner(sql, owner.id).await?, kind))
}

/// The contact points of several records, in the order of the owners, asked for together.
pub async fn list_each(sql: &mut impl Sql, owners: &[Owner]) -> Result<Vec<Vec<ContactPoint>>> {
    let ids: Vec<Uuid> = owners.iter().map(|owner| owner.id).collect();
    let further = queries::of_owners(sql, &ids).await?;
    let of = |owner: &Owner| listed(owner, further.get(&owner.id).map_or(&[], Vec::as_slice), None);
    Ok(owners.iter().map(of).collect())
}

fn listed(owner: &Owner, further: &[Stored], kind: Option<ContactKind>) -> Vec<ContactPoint> {
    let kinds = ContactKind::ALL.iter().copied().filter(|other| kind.is_none_or(|kind| kind == *other));
    let listed = kinds.flat_map(|kind| {
        let primary = owner.primary(kind).map(|value| owner.shown(&value));
        let others = further.iter().filter(move |point| point.value.kind() == kind);
        primary.into_iter().chain(others.cloned().map(ContactPoint::from))
    });
    listed.collect()
}

/// Adds a point. 409 about `is_primary` when it is to be the primary and the record has one, about `value` when the
/// record has it already.
pub async fn add(tx: &mut Tx, by: &Caller, owner: &Owner, said: ContactPointIn, now: DateTime<Utc>) -> Result<Outcome> {
    let value = ContactValue::parse(said.kind, said.value)?;
    if said.is_primary {
        owner.require_member(said.kind)?;
        refuse_second_primary(owner, said.kind)?;
    }
    require_new(tx, owner, &value, None).await?;
    if said.is_primary {
        tell(tx, by, owner, "contact_point.promote", owner.id, now);
        return Ok(owner.promoting(value));
    }
    let point = Stored {
        id: kernel::ids::new(),
        label: said.label.unwrap_or(ContactLabel::Other),
        value,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    queries::add(tx, by, owner.id, &point).await?;
    tell(tx, by, owner, "contact_point.add", point.id, now);
    Ok(Outcome { point: point.into(), promoted: None })
}

fn refuse_second_primary(owner: &Owner, kind: ContactKind) -> Result<()> {
    match owner.primary(kind) {
        None => Ok(()),
        Some(_) => {
            let why = format!("there is a primary {kind}: PUT is_primary true on an existing point to swap the two");
            Err(Error::conflict(why).about("is_primary"))
        }
    }
}

/// Changes a point, or makes it the primary. 404 when the record has no such point, 412 when it is another version than
/// the caller has seen, 409 about `value` when the record has that already.
pub async fn change(
    tx: &mut Tx,
    by: &Caller,
    owner: &Owner,
    id: Uuid,
    patch: ContactPointPatch,
    seen: &IfMatch,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let was = require(tx, owner, id, seen).await?;
    let value = match patch.value {
        Some(value) => ContactValue::parse(was.value.kind(), value)?,
        None => was.value.clone(),
    };
    if !value.is_same(&was.value) {
        require_new(tx, owner, &value, Some(id)).await?;
    }
    if patch.is_primary == Some(true) {
        return promote(tx, by, owner, id, value, now).await;
    }
    let label = patch.label.unwrap_or(was.label);
    let point = Stored { label, value, updated_at: now, version: was.version + 1, ..was };
    queries::set(tx, owner.id, &point).await?;
    tell(tx, by, owner, "contact_point.change", id, now);
    Ok(Outcome { point: point.into(), promoted: None })
}

/// Swaps a point with the record's own. What was primary becomes a new point: the id of the other named another value.
async fn promote(
    tx: &mut Tx,
    by: &Caller,
    owner: &Owner,
    id: Uuid,
    value: ContactValue,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    owner.require_member(value.kind())?;
    queries::remove(tx, owner.id, id).await?;
    if let Some(primary) = owner.primary(value.kind()).filter(|primary| !primary.is_same(&value)) {
        let (label, id) = (ContactLabel::Other, kernel::ids::new());
        let point = Stored { id, label, value: primary, created_at: now, updated_at: now, version: 1 };
        queries::add(tx, by, owner.id, &point).await?;
    }
    tell(tx, by, owner, "contact_point.promote", id, now);
    Ok(owner.promoting(value))
}

/// Removes a point. The primary has no id: it goes through the record itself.
pub async fn remove(
    tx: &mut Tx,
    by: &Caller,
    owner: &Owner,
    id: Uuid,
    seen: &IfMatch,
    now: DateTime<Utc>,
) -> Result<()> {
    require(tx, owner, id, seen).await?;
    queries::remove(tx, owner.id, id).await?;
    tell(tx, by, owner, "contact_point.remove", id, now);
    Ok(())
}

/// Drops the further points that say what the record says itself, after its own members were changed.
pub async fn absorb(tx: &mut Tx, owner: &Owner) -> Result<()> {
    for point in queries::of_owner(tx, owner.id).await? {
        if owner.primary(point.value.kind()).is_some_and(|primary| primary.is_same(&point.value)) {
            queries::remove(tx, owner.id, point.id).await?;
        }
    }
    Ok(())
}

async fn require(tx: &mut Tx, owner: &Owner, id: Uuid, seen: &IfMatch) -> Result<Stored> {
    let found = queries::of_owner(tx, owner.id).await?.into_iter().find(|point| point.id == id);
    let found = found.ok_or_else(|| Error::not_found("contact point"))?;
    seen.require(found.version)?;
    Ok(found)
}

/// Refuses what the record has already, in whatever spelling, and more points than anyone is reached by.
async fn require_new(tx: &mut Tx, owner: &Owner, value: &ContactValue, changing: Option<Uuid>) -> Result<()> {
    if owner.primary(value.kind()).is_some_and(|primary| primary.is_same(value)) {
        return Err(Error::conflict("is the primary already").about("value"));
    }
    let mut others = queries::of_owner(tx, owner.id).await?;
    others.retain(|point| point.value.kind() == value.kind() && Some(point.id) != changing);
    if others.iter().any(|point| point.value.is_same(value)) {
        return Err(Error::conflict("is among the contact points already").about("value"));
    }
    match others.len() < MOST {
        true => Ok(()),
        false => Err(Error::conflict(format!("there are {MOST} of this kind already")).about("kind")),
    }
}

fn tell(tx: &mut Tx, by: &Caller, owner: &Owner, action: &'static str, id: Uuid, now: DateTime<Utc>) {
    let entry = Entry { patient: owner.patient, ..Entry::of(by, action, id, now) };
    access::record(tx, entry);
}
