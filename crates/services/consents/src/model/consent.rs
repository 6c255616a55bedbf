//! A consent.
use access::{Action, Category, Opens, Role, Span};
use chrono::{DateTime, Utc};
use kernel::PatientId;
use serde::{Deserialize, Serialize};
use store::from_row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{ConsentStatus, Deed, GranteeKind, PurposeCode, Set, Subject};

kernel::ids!(
    /// A consent, asked for or given.
    ConsentId,
);

/// What of a consent is sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub purpose: Option<String>,
    /// Why it was denied or revoked.
    pub reason: Option<String>,
}

/// A consent as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: ConsentId,
    pub patient_id: PatientId,
    pub grantee_kind: GranteeKind,
    pub grantee_id: Uuid,
    pub categories: Set<Subject>,
    pub actions: Set<Deed>,
    pub purpose_code: PurposeCode,
    pub sealed: Vec<u8>,
    pub data_from: Option<DateTime<Utc>>,
    pub data_to: Option<DateTime<Utc>>,
    pub erase_at: Option<DateTime<Utc>>,
    pub status: ConsentStatus,
    pub requested_by: Uuid,
    pub requested_role: Role,
    pub requested_at: DateTime<Utc>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_by: Option<Uuid>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub version: i64,
}
from_row!(Stored {
    id,
    patient_id,
    grantee_kind,
    grantee_id,
    categories,
    actions,
    purpose_code,
    sealed,
    data_from,
    data_to,
    erase_at,
    status,
    requested_by,
    requested_role,
    requested_at,
    decided_by,
    decided_at,
    expires_at,
    revoked_by,
    revoked_at,
    version,
});

impl Stored {
    /// Its status by the clock: what nobody ended may have expired.
    pub fn status_at(&self, now: DateTime<Utc>) -> ConsentStatus {
        match self.status {
            ConsentStatus::Requested | ConsentStatus::Approved if self.expires_at.is_some_and(|at| at <= now) => {
                ConsentStatus::Expired
            }
            status => status,
        }
    }

    /// Whether the grantee has to have erased its copies by now.
    fn must_erase(&self, now: DateTime<Utc>) -> bool {
        let was_given = matches!(self.status, ConsentStatus::Approved | ConsentStatus::Revoked);
        was_given && self.status_at(now) != ConsentStatus::Approved
    }

    /// What it opens while it is in force.
    pub fn opens(&self) -> Opens {
        let mut categories: Vec<Category> = self.categories.0.iter().flat_map(|s| s.opens()).copied().collect();
        categories.sort_unstable();
        categories.dedup();
        let actions: Vec<Action> = self.actions.0.iter().filter_map(|deed| deed.opens()).collect();
        Opens { categories: Some(categories), actions, span: Span { from: self.data_from, to: self.data_to } }
    }
}

/// A consent: who may do what with which data of the patient, why, and until when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Consent {
    pub id: ConsentId,
    pub patient_id: PatientId,
    pub grantee_kind: GranteeKind,
    /// The doctor, the hospital, or the patient for wearables.
    pub grantee_id: Uuid,
    pub grantee_name: Option<String>,
    /// The same as `grantee_id` when it is a doctor.
    pub doctor_id: Option<Uuid>,
    /// The same as `grantee_id` when it is a hospital.
    pub facility_id: Option<Uuid>,
    pub data_categories: Vec<Subject>,
    /// What these categories open in the table of rights. Laboratory reports and prescriptions open the records.
    pub opens: Vec<Category>,
    pub actions: Vec<Deed>,
    /// The first of `actions`.
    pub consent_type: Option<Deed>,
    pub purpose: Option<String>,
    pub purpose_code: PurposeCode,
    /// Of which time the data may be: what is of another time is not shown.
    pub data_from: Option<DateTime<Utc>>,
    pub data_to: Option<DateTime<Utc>>,
    /// When the grantee has to erase its copies, and the consent ends at the latest.
    pub erase_at: Option<DateTime<Utc>>,
    /// Whether the time has come to erase them: so it has when the consent ended, however it did.
    pub must_erase: bool,
    pub status: ConsentStatus,
    pub requested_by: Uuid,
    pub requested_role: Role,
    pub requested_at: DateTime<Utc>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    /// When it was approved.
    pub granted_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why it was denied or revoked.
    pub reason: Option<String>,
    /// Counts the changes; answered as the `ETag` header.
    #[serde(skip)]
    pub version: i64,
}

impl kernel::Versioned for Consent {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Consent {
    pub fn of(stored: &Stored, words: Words, grantee_name: Option<String>, now: DateTime<Utc>) -> Self {
        let grantee = |kind| (stored.grantee_kind == kind).then_some(stored.grantee_id);
        let was_granted = matches!(stored.status, ConsentStatus::Approved | ConsentStatus::Revoked);
        Self {
            id: stored.id,
            patient_id: stored.patient_id,
            grantee_kind: stored.grantee_kind,
            grantee_id: stored.grantee_id,
            grantee_name,
            doctor_id: grantee(GranteeKind::Doctor),
            facility_id: grantee(GranteeKind::Hospital),
            data_categories: stored.categories.0.clone(),
            opens: stored.opens().categories.unwrap_or_default(),
            actions: stored.actions.0.clone(),
            consent_type: stored.actions.0.first().copied(),
            purpose: words.purpose,
            purpose_code: stored.purpose_code,
            data_from: stored.data_from,
            data_to: stored.data_to,
            erase_at: stored.erase_at,
            must_erase: stored.must_erase(now),
            status: stored.status_at(now),
            requested_by: stored.requested_by,
            requested_role: stored.requested_role,
            requested_at: stored.requested_at,
            decided_by: stored.decided_by,
            decided_at: stored.decided_at,
            granted_at: stored.decided_at.filter(|_| was_granted),
            expires_at: stored.expires_at,
            revoked_at: stored.revoked_at,
            reason: words.reason,
            version: stored.version,
        }
    }
}

/// Whether the patient's wearables may be kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WearableConsent {
    pub patient_id: PatientId,
    /// None when nothing was ever said.
    pub consent_id: Option<ConsentId>,
    /// True while the consent is in force.
    pub consent_given: bool,
    pub status: Option<ConsentStatus>,
    pub data_categories: Vec<Subject>,
    pub granted_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl WearableConsent {
    /// The last word of the patient on it; none when nothing was ever said.
    pub fn of(patient_id: PatientId, stored: Option<&Stored>, now: DateTime<Utc>) -> Self {
        let status = stored.map(|stored| stored.status_at(now));
        Self {
            patient_id,
            consent_id: stored.map(|stored| stored.id),
            consent_given: status == Some(ConsentStatus::Approved),
            status,
            data_categories: vec![Subject::Wearables],
            granted_at: stored.and_then(|stored| stored.decided_at),
            expires_at: stored.and_then(|stored| stored.expires_at),
            revoked_at: stored.and_then(|stored| stored.revoked_at),
        }
    }
}
