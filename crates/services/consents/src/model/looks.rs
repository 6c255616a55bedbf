//! Who looked: entries of the audit chain, as patients and hospitals read them.
use access::Record;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::PatientId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One entry: who did or saw what, when, from where, and on what the permission rested.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Look {
    /// Its number on the audit chain.
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// The account or device.
    pub actor: Uuid,
    /// The person's name, or that of the doctor or hospital the account stands for.
    pub name: Option<String>,
    pub role: String,
    /// As `read vitals`, `record.add`.
    pub action: String,
    pub patient_id: Option<PatientId>,
    /// What was looked at or changed.
    pub object: String,
    pub allowed: bool,
    /// As `self`, `assigned_doctor:<id of the assignment>`, `consent:<id>`, `break_glass:<id>`.
    pub reason: String,
    pub address: String,
    pub request_id: String,
}

impl Look {
    pub fn of(record: Record, name: Option<String>) -> Self {
        Self {
            seq: record.seq,
            at: record.at,
            actor: record.actor,
            name,
            role: record.role.into_owned(),
            action: record.action,
            patient_id: record.patient_id,
            object: record.object,
            allowed: record.allowed,
            reason: record.reason,
            address: record.address,
            request_id: record.request_id,
        }
    }
}

/// The end of the chain as it was on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedHead {
    pub day: NaiveDate,
    /// The number of the last entry.
    pub seq: i64,
    /// The hash of its row, in hexadecimal digits.
    pub hash: String,
    /// Ed25519 over `nadi audit head <day> <seq> <hash>`, in hexadecimal digits.
    pub signature: String,
    /// The key to check it with, in hexadecimal digits. It stays the same as long as the master key does.
    pub public_key: String,
}
