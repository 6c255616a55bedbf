//! Medical records: what was found, done and decided at a visit.
use access::{Mark, When};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use garde::Validate;
use kernel::{PatientId, not_blank};
use serde::{Deserialize, Deserializer, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::check::{self, Object};

/// A medical record to keep.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct MedicalRecordIn {
    /// Your own reference to this record; ours is taken when it is left out. No two records share one.
    #[garde(inner(length(chars, max = 100), custom(check::reference)))]
    #[schema(max_length = 100)]
    pub record_id: Option<String>,
    /// The doctor whose record it is, by id or reference; the signed-in doctor when left out.
    #[garde(length(chars, max = 100))]
    #[schema(max_length = 100)]
    pub doctor_id: Option<String>,
    /// Where it was written, by id or name; the signed-in nurse's hospital when left out.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    pub hospital_id: Option<String>,
    /// As `consultation` or `lab_report`.
    #[garde(length(chars, max = 50), custom(not_blank))]
    #[schema(max_length = 50)]
    pub record_type: String,
    /// An instant, or a date, which is taken as its midnight in UTC.
    #[serde(deserialize_with = "instant_or_date")]
    pub visit_date: DateTime<Utc>,
    #[garde(length(chars, max = 200), custom(not_blank))]
    #[schema(max_length = 200)]
    pub title: String,
    #[serde(default)]
    #[garde(length(chars, max = 20_000))]
    #[schema(max_length = 20_000)]
    pub description: String,
    #[serde(default)]
    #[garde(length(max = 100), inner(length(chars, max = 500), custom(not_blank)))]
    #[schema(max_items = 100)]
    pub diagnosis: Vec<String>,
    #[serde(default)]
    #[garde(length(max = 100), inner(length(chars, max = 500), custom(not_blank)))]
    #[schema(max_items = 100)]
    pub symptoms: Vec<String>,
    /// Shaped as you like, up to 4 KB.
    #[garde(inner(custom(kernel::small_json)))]
    #[schema(value_type = Option<Object>)]
    pub vital_signs: Option<Object>,
    /// The wearable data this record rests on.
    #[serde(default)]
    #[garde(length(max = 1000), inner(length(chars, max = 100), custom(not_blank)))]
    #[schema(max_items = 1000)]
    pub wearable_data_ids: Vec<String>,
    #[garde(length(chars, max = 20_000))]
    #[schema(max_length = 20_000)]
    pub notes: Option<String>,
    /// Whether it is for few eyes, as of the mind, of HIV, of drugs. `false` when left out.
    pub is_sensitive: Option<bool>,
}

/// What of a medical record is sealed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordBody {
    pub title: String,
    pub description: String,
    pub diagnosis: Vec<String>,
    pub symptoms: Vec<String>,
    #[schema(value_type = Option<Object>)]
    pub vital_signs: Option<Object>,
    /// The wearable data this record rests on.
    pub wearable_data_ids: Vec<String>,
    pub notes: Option<String>,
}

/// A medical record as it is stored.
#[derive(Debug, Clone)]
pub struct RecordStored {
    pub id: Uuid,
    pub reference: String,
    pub patient_id: PatientId,
    pub doctor_id: Option<String>,
    pub hospital_id: Option<String>,
    pub record_type: String,
    pub visit_date: DateTime<Utc>,
    pub sealed: Vec<u8>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub is_sensitive: bool,
}
from_row!(RecordStored {
    id,
    reference,
    patient_id,
    doctor_id,
    hospital_id,
    record_type,
    visit_date,
    sealed,
    created_by,
    created_at,
    is_sensitive,
});

impl RecordStored {
    /// By what a grant tells whether it shows it.
    pub fn mark(&self) -> Mark {
        Mark { when: When::At(self.visit_date), by: self.created_by, is_sensitive: self.is_sensitive }
    }
}

/// A medical record of a patient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MedicalRecord {
    pub id: Uuid,
    pub record_id: String,
    pub patient_id: PatientId,
    pub doctor_id: Option<String>,
    pub hospital_id: Option<String>,
    pub record_type: String,
    pub visit_date: DateTime<Utc>,
    #[serde(flatten)]
    pub body: RecordBody,
    /// The account that wrote it.
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    /// Whether it is for few eyes.
    pub is_sensitive: bool,
    /// The wearable data it names, for those who may see them; in lists alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub wearable_data: Vec<serde_json::Value>,
}

impl MedicalRecord {
    /// The answer: what was stored in clear, with what was sealed.
    pub fn of(stored: RecordStored, body: RecordBody) -> Self {
        Self {
            id: stored.id,
            record_id: stored.reference,
            patient_id: stored.patient_id,
            doctor_id: stored.doctor_id,
            hospital_id: stored.hospital_id,
            record_type: stored.record_type,
            visit_date: stored.visit_date,
            body,
            created_by: stored.created_by,
            created_at: stored.created_at,
            is_sensitive: stored.is_sensitive,
            wearable_data: Vec::new(),
        }
    }
}

fn instant_or_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let date = || text.parse::<NaiveDate>().map(|date| date.and_time(NaiveTime::MIN).and_utc());
    text.parse().or_else(|_| date()).map_err(|_| serde::de::Error::custom("is neither an instant nor a date"))
}
