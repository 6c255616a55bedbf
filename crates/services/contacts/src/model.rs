//! A contact point as it is asked for, kept and answered.
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{Versioned, text_enum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

text_enum!(ContactKind { Email = "email", Phone = "phone", Address = "address" });

text_enum!(
    /// What a contact point is for.
    ContactLabel { Home = "home", Work = "work", Mobile = "mobile", Billing = "billing", Other = "other" }
);

/// A contact point to add.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ContactPointIn {
    pub kind: ContactKind,
    /// `other` when left out.
    pub label: Option<ContactLabel>,
    /// An e-mail address or a phone number as text; an address as an object with the members its country uses.
    pub value: Value,
    /// Makes it the record's own. Refused when the record has one of this kind.
    #[serde(default)]
    pub is_primary: bool,
}

/// What to change of a contact point; members that are left out stay as they are, and its kind always does.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
pub struct ContactPointPatch {
    pub label: Option<ContactLabel>,
    /// As it is given when a point is added.
    pub value: Option<Value>,
    /// `true` swaps it with the record's own: what was primary becomes a further point.
    pub is_primary: Option<bool>,
}

/// Which contact points to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct ContactPointFilter {
    pub kind: Option<ContactKind>,
}

/// A way to reach somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ContactPoint {
    /// Absent for the primary, which is a member of the record itself and changed there.
    pub id: Option<Uuid>,
    pub kind: ContactKind,
    /// Absent for the primary.
    pub label: Option<ContactLabel>,
    /// An e-mail address or a phone number as text, an address as an object.
    pub value: Value,
    pub is_primary: bool,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    /// Counts the changes, as the `ETag` does: of the point, or for the primary of the record.
    pub version: i64,
}

impl Versioned for ContactPoint {
    fn version(&self) -> i64 {
        self.version
    }
}
