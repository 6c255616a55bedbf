//! What the apps send and are answered.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A name and a password, and what reaches the phone by push.
#[derive(Deserialize, ToSchema)]
pub struct PhoneLoginIn {
    /// Any of the account's names.
    pub username: String,
    pub password: String,
    #[serde(rename = "fcmToken")]
    pub fcm_token: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct PhoneRefreshIn {
    pub refresh: String,
}

/// The tokens of a phone.
#[derive(Serialize, ToSchema)]
pub struct PhoneTokens {
    /// Send it as `Authorization: Bearer …`.
    pub token: String,
    /// Buys the next token, as often as it is needed.
    pub refresh: String,
    /// When the token expires.
    pub expiry: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct PhoneDone {
    /// Always true.
    pub success: bool,
}

impl PhoneDone {
    pub const YES: Self = Self { success: true };
}

/// Records, one or a list of them.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code)] // Read by hand, so that records that were there already are not read at all.
pub struct RecordsIn {
    /// A record, or a list of records.
    #[schema(value_type = Value)]
    pub data: Value,
}

/// What became of a sync.
#[derive(Serialize, ToSchema)]
pub struct Synced {
    /// Always true.
    pub success: bool,
    /// Records that are kept.
    pub count: usize,
    /// Records that nobody can read; the patient finds them, with the reason, in the list of what was skipped.
    pub skipped: usize,
}

#[derive(Deserialize, ToSchema)]
pub struct FetchIn {
    /// A filter over `_id`, `id`, `app`, `start` and `end`, with `$eq $ne $gt $gte $lt $lte $in $nin $and $or`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub queries: Value,
}

/// A record, as it is fetched.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fetched {
    #[serde(rename = "_id")]
    pub key: String,
    pub id: String,
    /// What the record says, without its times and its writer.
    #[schema(value_type = Object)]
    pub data: Value,
    pub app: Option<String>,
    pub start: Option<String>,
    /// None of what happened at one moment.
    pub end: Option<String>,
}

/// Ids of records, one or a list of them.
#[derive(Deserialize, ToSchema)]
pub struct UuidsIn {
    #[schema(value_type = Value)]
    pub uuid: Uuids,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Uuids {
    One(String),
    Many(Vec<String>),
}

impl Uuids {
    pub fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// What became of something for the phone.
#[derive(Serialize, ToSchema)]
pub struct Pushed {
    /// True: it is kept until it can be sent.
    pub success: bool,
    /// Whether it was sent.
    pub sent: bool,
    pub message: &'static str,
}

/// How many records of each kind there are.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub struct RecordCounts(pub BTreeMap<String, i64>);

#[derive(Serialize, ToSchema)]
pub struct Alive {
    /// Always `ok`.
    pub status: &'static str,
}

/// How the gateway and the patient's data are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GatewayStatus {
    pub components: GatewayComponents,
    pub checked_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GatewayComponents {
    pub api: Alive,
    pub db: Alive,
    pub data_sync: DataSync,
}

/// Whether the phone still sends.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataSync {
    /// `ok` when the last 12 hours brought something, `degraded` when the last day did, else `down`; `unknown` before
    /// the first record, `off` without the patient's consent.
    pub status: &'static str,
    pub last_data: Option<DateTime<Utc>>,
}

/// Something that was sent and is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Skipped {
    pub id: Uuid,
    /// The kind of record, as `HeartRate`.
    pub kind: String,
    /// What its writer calls the record.
    pub record_id: Option<String>,
    pub why: String,
    /// When it first came; the same thing sent again is the same thing.
    pub at: DateTime<Utc>,
    /// What was sent; none when the record itself is kept and only this of it is not, or when it is very large.
    pub record: Option<String>,
}
