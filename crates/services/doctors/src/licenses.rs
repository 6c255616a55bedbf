//! Licences: an administrator says whether one was verified, and every decision is kept.
use access::Caller;
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{App, DoctorId, IfMatch, Result};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::{doctors, profession as queries};
use crate::tell::{self, Told};
use crate::{Doctor, LicenseStatus, directory};

/// What looking into a licence came to.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct LicenseVerificationIn {
    /// `verified` or `rejected`.
    #[garde(custom(decided))]
    pub status: LicenseStatus,
    #[garde(length(chars, max = 1000))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// What nobody has decided on is pending by itself: when the doctor is registered, and with another licence number.
fn decided(status: &LicenseStatus, _: &()) -> garde::Result {
    match status {
        LicenseStatus::Pending => Err(garde::Error::new("must be verified or rejected")),
        LicenseStatus::Verified | LicenseStatus::Rejected => Ok(()),
    }
}

/// A decision on a licence, or the moment from which one is due again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LicenseVerification {
    pub id: Uuid,
    pub doctor_id: DoctorId,
    /// The number that was looked into.
    pub license_number: String,
    pub status: LicenseStatus,
    pub note: Option<String>,
    /// The account that decided.
    pub decided_by: Uuid,
    pub decided_at: DateTime<Utc>,
}

/// Decides on a doctor's licence as it is now. A verified one approves a doctor who registered without anybody's help.
pub async fn decide(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: DoctorId,
    if_match: &IfMatch,
    input: LicenseVerificationIn,
) -> Result<LicenseVerification> {
    let (was, now) = (directory::seen(tx, id, if_match).await?, app.clock().now());
    let doctor = Doctor { license_status: input.status, updated_at: now, version: was.version + 1, ..was.clone() };
    doctors::set(tx, &was, &doctor).await?;
    if doctor.license_status == LicenseStatus::Verified {
        access::approve(tx, id.0).await?;
    }
    let kept = put_down(tx, caller, &doctor, input.note).await?;
    tell::of(app, tx, caller, Told::LICENSE_DECIDED, id, now);
    Ok(kept)
}

/// Keeps what became of the licence of a doctor just written.
pub async fn put_down(
    tx: &mut Tx,
    caller: &Caller,
    doctor: &Doctor,
    note: Option<String>,
) -> Result<LicenseVerification> {
    let row = LicenseVerification {
        id: kernel::ids::new(),
        doctor_id: doctor.id,
        license_number: doctor.license_number.clone(),
        status: doctor.license_status,
        note: note.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        decided_by: caller.actor,
        decided_at: doctor.updated_at,
    };
    queries::add_verification(tx, &row).await?;
    Ok(row)
}
