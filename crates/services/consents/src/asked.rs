//! What is asked: consents to request, to narrow, to settle and to find; glass to break and to review; delegates.
use chrono::{DateTime, Datelike as _, Utc};
use kernel::{Error, Result, not_blank};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::model::{ConsentStatus, Deed, May, Outcome, PurposeCode, Relationship, Subject};

/// A consent to ask a patient for. The doctor or hospital that asks is the one it is for.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct ConsentRequest {
    /// Our id. Your own reference is taken when you have to do with the patient already.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub patient_id: String,
    /// What it is about.
    #[serde(alias = "categories")]
    #[garde(length(min = 1, max = 20))]
    #[schema(min_items = 1, max_items = 20)]
    pub data_categories: Vec<Subject>,
    /// What the grantee may do; reading alone when it is left out.
    #[garde(inner(length(min = 1, max = 3)))]
    #[schema(min_items = 1, max_items = 3)]
    pub actions: Option<Vec<Deed>>,
    /// One action, for clients that send one.
    pub consent_type: Option<Deed>,
    #[garde(length(chars, min = 1, max = 1000), custom(not_blank))]
    #[schema(min_length = 1, max_length = 1000)]
    pub purpose: String,
    /// `CAREMGT` when it is left out.
    pub purpose_code: Option<PurposeCode>,
    /// Of which time the data may be that is seen: a visit by its date, a reading by when it was taken.
    #[garde(inner(custom(of_this_age)))]
    pub data_from: Option<DateTime<Utc>>,
    #[garde(inner(custom(of_this_age)))]
    pub data_to: Option<DateTime<Utc>>,
    /// When the copies are to be erased; the consent ends by then.
    #[garde(inner(custom(of_this_age)))]
    pub erase_at: Option<DateTime<Utc>>,
    /// When it ends by itself: a year after the approval when it is left out.
    #[garde(inner(custom(of_this_age)))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// What the patient narrows while approving. Members left out stay as they were asked for.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct ApproveIn {
    /// Some of what was asked for.
    #[serde(alias = "categories")]
    #[garde(inner(length(min = 1, max = 20)))]
    #[schema(min_items = 1, max_items = 20)]
    pub data_categories: Option<Vec<Subject>>,
    /// Some of what was asked for.
    #[garde(inner(length(min = 1, max = 3)))]
    #[schema(min_items = 1, max_items = 3)]
    pub actions: Option<Vec<Deed>>,
    #[garde(inner(custom(of_this_age)))]
    pub data_from: Option<DateTime<Utc>>,
    #[garde(inner(custom(of_this_age)))]
    pub data_to: Option<DateTime<Utc>>,
    /// Not later than was asked for.
    #[garde(inner(custom(of_this_age)))]
    pub erase_at: Option<DateTime<Utc>>,
    /// Not later than was asked for.
    #[garde(inner(custom(of_this_age)))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a consent is denied or revoked.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, garde::Validate)]
pub struct ReasonIn {
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// Which consents are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct ConsentFilter {
    pub status: Option<ConsentStatus>,
    /// A patient, by our id or your own reference.
    #[serde(alias = "patient_id")]
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100)]
    pub patient: Option<String>,
    /// A doctor or a hospital, by our id.
    #[serde(alias = "grantee_id")]
    pub grantee: Option<uuid::Uuid>,
}

/// What a patient says about the keeping of wearables' data.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct WearableConsentIn {
    /// Our id or your own reference.
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub patient_id: String,
    /// `false` takes the consent back; `true` when it is left out.
    pub consent_given: Option<bool>,
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub purpose: Option<String>,
    /// When it ends by itself; when it is taken back, should it be left out.
    #[garde(inner(custom(of_this_age)))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why the glass has to be broken.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
pub struct BreakGlassIn {
    /// In words that a reviewer understands, and the patient.
    #[garde(length(chars, min = 10, max = 1000), custom(ten_letters))]
    #[schema(min_length = 10, max_length = 1000)]
    pub reason: String,
}

/// What the reviewer found.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct ReviewIn {
    pub outcome: Outcome,
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

kernel::text_enum!(
    /// Whether the breaks that are asked for were reviewed.
    Reviewed { Unreviewed = "unreviewed", Reviewed = "reviewed" }
);

/// Which breaks are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
#[into_params(parameter_in = Query)]
pub struct GlassFilter {
    #[param(inline)]
    pub status: Option<Reviewed>,
}

/// Somebody to act for a patient.
#[derive(Debug, Clone, Deserialize, ToSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct DelegateIn {
    /// The account, by its id or by a name it signs in with. A patient's account: staff act for nobody in private.
    #[serde(alias = "user_id", alias = "login")]
    #[garde(length(chars, min = 1, max = 254))]
    #[schema(min_length = 1, max_length = 254)]
    pub user: String,
    pub relationship: Relationship,
    /// `read` when it is left out.
    pub may: Option<May>,
    #[garde(inner(custom(of_this_age)))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A time that both databases can hold.
pub fn of_this_age(at: &DateTime<Utc>, _: &()) -> garde::Result {
    match (1900..3000).contains(&at.year()) {
        true => Ok(()),
        false => Err(garde::Error::new("is not a time of this age")),
    }
}

fn ten_letters(reason: &str, _: &()) -> garde::Result {
    match reason.trim().chars().count() >= 10 {
        true => Ok(()),
        false => Err(garde::Error::new("says too little")),
    }
}

/// Refuses a time that is over.
pub fn require_ahead(member: &str, at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
    match at {
        Some(at) if at <= now => Err(Error::invalid(member, "is not ahead")),
        _ => Ok(()),
    }
}

/// Refuses data that end before they begin.
pub fn require_span(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<()> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(Error::invalid("data_to", "is before data_from")),
        _ => Ok(()),
    }
}
