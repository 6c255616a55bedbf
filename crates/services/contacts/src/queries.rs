//! The table of contact points.
use std::collections::HashMap;

use access::Caller;
use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use serde_json::Value;
use store::{FromRow, Row, Sql, Tx, Where, args, sql};
use uuid::Uuid;

use crate::{ContactKind, ContactLabel, ContactPoint, ContactValue};

/// A further contact point as it is kept.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: Uuid,
    pub label: ContactLabel,
    pub value: ContactValue,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        let (kind, value): (ContactKind, Value) = (row.get("kind")?, row.get("value")?);
        let value = ContactValue::stored(kind, value);
        Ok(Self {
            id: row.get("id")?,
            label: row.get("label")?,
            value: value.ok_or_else(|| store::Error::unreadable("value", kernel::Text::word(&kind)))?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            version: row.get("version")?,
        })
    }
}

impl From<Stored> for ContactPoint {
    fn from(stored: Stored) -> Self {
        Self {
            id: Some(stored.id),
            kind: stored.value.kind(),
            label: Some(stored.label),
            value: stored.value.to_json(),
            is_primary: false,
            created_at: Some(stored.created_at),
            updated_at: Some(stored.updated_at),
            version: stored.version,
        }
    }
}

sql!(
    CONTACT_POINTS_OF = "SELECT id, kind, label, value, created_at, updated_at, version FROM contact_points
    WHERE owner_id = $1
    ORDER BY id"
);

/// Every further point of a record, in the order they were added. They are few.
pub async fn of_owner(sql: &mut impl Sql, owner: Uuid) -> Result<Vec<Stored>> {
    Ok(sql.all(&CONTACT_POINTS_OF, args![owner]).await?)
}

struct Owned {
    owner_id: Uuid,
    point: Stored,
}

impl FromRow for Owned {
    fn from_row(row: &Row<'_>) -> store::Result<Self> {
        Ok(Self { owner_id: row.get("owner_id")?, point: Stored::from_row(row)? })
    }
}

/// Owners that are asked about in one statement.
const BATCH: usize = 256;

/// The same of several records, those without a further point left out.
pub async fn of_owners(sql: &mut impl Sql, owners: &[Uuid]) -> Result<HashMap<Uuid, Vec<Stored>>> {
    let mut found: HashMap<Uuid, Vec<Stored>> = HashMap::new();
    for some in owners.chunks(BATCH) {
        let among =
            Where::new("SELECT id, owner_id, kind, label, value, created_at, updated_at, version FROM contact_points")
                .among("owner_id", some)
                .tail("ORDER BY owner_id, id", []);
        for Owned { owner_id, point } in sql.find(among).await? {
            found.entry(owner_id).or_default().push(point);
        }
    }
    Ok(found)
}

sql!(
    CONTACT_POINT_ADD = "INSERT INTO contact_points
        (id, owner_id, kind, label, value, key, created_by, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
);

pub async fn add(tx: &mut Tx, by: &Caller, owner: Uuid, point: &Stored) -> Result<()> {
    let value = &point.value;
    let mut row = args![point.id, owner, value.kind(), point.label, value.to_json(), value.key()];
    row.extend(args![by.actor, point.created_at, point.updated_at, point.version]);
    tx.run(&CONTACT_POINT_ADD, row).await.map(drop).map_err(taken)
}

sql!(
    CONTACT_POINT_SET = "UPDATE contact_points
    SET label = $3, value = $4, key = $5, updated_at = $6, version = $7
    WHERE owner_id = $1 AND id = $2"
);

pub async fn set(tx: &mut Tx, owner: Uuid, point: &Stored) -> Result<()> {
    let mut row = args![owner, point.id, point.label, point.value.to_json(), point.value.key()];
    row.extend(args![point.updated_at, point.version]);
    tx.run(&CONTACT_POINT_SET, row).await.map(drop).map_err(taken)
}

/// Refuses what the record has among its points.
fn taken(error: store::Error) -> Error {
    match error.is_duplicate_of("owner") {
        true => Error::conflict("is among the contact points already").about("value"),
        false => error.into(),
    }
}

sql!(CONTACT_POINT_REMOVE = "DELETE FROM contact_points WHERE owner_id = $1 AND id = $2");

pub async fn remove(tx: &mut Tx, owner: Uuid, id: Uuid) -> Result<()> {
    tx.run(&CONTACT_POINT_REMOVE, args![owner, id]).await?;
    Ok(())
}

sql!(CONTACT_POINTS_FORGET = "DELETE FROM contact_points WHERE owner_id = $1");

/// Removes every further point of a record whose owner is erased.
pub async fn forget(tx: &mut Tx, owner: Uuid) -> Result<()> {
    tx.run(&CONTACT_POINTS_FORGET, args![owner]).await?;
    Ok(())
}
