//! Verifying licences: an administrator says what was found, and what was said stays on record.
use access::{Caller, Entry};
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{App, HospitalId, IfMatch, Result, not_blank};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::{hospitals, verifications};
use crate::{VerificationStatus, directory, members, tell};

/// What was found of a licence.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct VerificationIn {
    /// `verified` or `rejected`.
    #[garde(custom(decided))]
    pub status: VerificationStatus,
    /// Why, in words.
    #[garde(length(chars, max = 2000), inner(custom(not_blank)))]
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
}

fn decided(status: &VerificationStatus, _: &()) -> garde::Result {
    match status {
        VerificationStatus::Verified | VerificationStatus::Rejected => Ok(()),
        VerificationStatus::Pending => Err(garde::Error::new("must be verified or rejected")),
    }
}

/// An entry of the history.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verification {
    pub id: Uuid,
    #[serde(rename = "institution_id")]
    pub hospital_id: HospitalId,
    /// `pending` when the licence number was changed.
    pub status: VerificationStatus,
    pub note: Option<String>,
    /// The account.
    pub decided_by: Uuid,
    pub decided_at: DateTime<Utc>,
}

/// Says what was found; verified, an institution that registered without anybody's help is approved. 409 when its name is
/// another's number by now, or the reverse; 412 when the institution is another version than the caller has seen.
pub async fn decide(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: HospitalId,
    said: VerificationIn,
    seen: &IfMatch,
) -> Result<Verification> {
    let was = hospitals::locked(tx, id).await?;
    seen.require(was.version)?;
    let now = app.clock().now();
    verifications::set(tx, id, said.status, now).await?;
    if said.status == VerificationStatus::Verified && !access::is_approved(tx, id.0).await? {
        // Another may have come by its name meanwhile: from now on it counts.
        directory::require_own_names(tx, &was, members::INSTITUTION).await?;
        access::approve(tx, id.0).await?;
    }
    let verification = note(tx, caller, id, said.status, said.note, now).await?;
    tell::event(app, tx, "institution.verification", id, now);
    access::record(tx, Entry::of(caller, "hospital.verification", id, now).because(said.status.to_string()));
    Ok(verification)
}

/// Puts an outcome into the history.
pub async fn note(
    tx: &mut Tx,
    caller: &Caller,
    hospital_id: HospitalId,
    status: VerificationStatus,
    note: Option<String>,
    now: DateTime<Utc>,
) -> Result<Verification> {
    let id = kernel::ids::new();
    let verification = Verification { id, hospital_id, status, note, decided_by: caller.actor, decided_at: now };
    verifications::add(tx, &verification).await?;
    Ok(verification)
}
