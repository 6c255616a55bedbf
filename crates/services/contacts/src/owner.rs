//! Whose contact points they are, and what stands on the record itself.
use kernel::{Error, PatientId, Result};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{ContactKind, ContactPoint, ContactValue};

/// A record whose row the caller of this crate has locked before it changes a point.
#[derive(Debug, Clone)]
pub struct Owner {
    pub id: Uuid,
    /// The patient, when the record is one: the audit chain is asked by patient.
    pub patient: Option<PatientId>,
    /// The kinds of which the record has a member.
    pub kinds: &'static [ContactKind],
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<Map<String, Value>>,
    /// The record's version; making a point the primary is its next one.
    pub version: i64,
}

/// What was added or changed.
#[derive(Debug)]
#[must_use = "a promoted value is to be written to the record"]
pub struct Outcome {
    pub point: ContactPoint,
    /// What the record's member of this kind becomes, in the same transaction.
    pub promoted: Option<ContactValue>,
}

impl Owner {
    /// The record's own member of this kind, unless it is empty.
    pub fn primary(&self, kind: ContactKind) -> Option<ContactValue> {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        match kind {
            ContactKind::Email => text(&self.email).map(ContactValue::Email),
            ContactKind::Phone => text(&self.phone).map(ContactValue::Phone),
            ContactKind::Address => self.address.clone().filter(|a| !a.is_empty()).map(ContactValue::Address),
        }
    }

    /// Refuses to make primary what the record has no member for.
    pub(crate) fn require_member(&self, kind: ContactKind) -> Result<()> {
        match self.kinds.contains(&kind) {
            true => Ok(()),
            false => Err(Error::invalid("is_primary", format!("cannot be: the record has no {kind} of its own"))),
        }
    }

    /// The primary of a kind as it is listed.
    pub(crate) fn shown(&self, value: &ContactValue) -> ContactPoint {
        ContactPoint {
            id: None,
            kind: value.kind(),
            label: None,
            value: value.to_json(),
            is_primary: true,
            created_at: None,
            updated_at: None,
            version: self.version,
        }
    }

    /// The answer once this value is the record's own.
    pub(crate) fn promoting(&self, value: ContactValue) -> Outcome {
        let point = ContactPoint { version: self.version + 1, ..self.shown(&value) };
        Outcome { point, promoted: Some(value) }
    }
}
