//! Professional status: a doctor suspended, retired or reinstated, at once and for the whole house.
use access::Caller;
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{App, DoctorId, Error, IfMatch, Result, not_blank};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::queries::{doctors, profession as queries};
use crate::tell::{self, Told};
use crate::{Doctor, ProfessionalStatus, directory};

/// What the status is to be, and why.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct StatusIn {
    #[garde(skip)]
    pub status: ProfessionalStatus,
    #[garde(length(chars, max = 500), custom(not_blank))]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A change of a doctor's professional status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusChange {
    pub id: Uuid,
    pub doctor_id: DoctorId,
    pub status: ProfessionalStatus,
    pub reason: String,
    /// The account that changed it.
    pub changed_by: Uuid,
    pub changed_at: DateTime<Utc>,
}

/// Changes a doctor's professional status.
///
/// A suspended doctor's sessions end with the commit and nobody signs in for the doctor; assignments and affiliations
/// stay and open nothing. Reinstating opens the accounts again, and with them what was not ended meanwhile. A retired
/// doctor is locked out likewise, and assignments and affiliations end. Conflict when the status is that already, when a
/// retired doctor is to be suspended, and when a doctor retires who attends somebody admitted.
pub async fn change(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    id: DoctorId,
    if_match: &IfMatch,
    input: StatusIn,
) -> Result<Doctor> {
    use ProfessionalStatus::{Active, Retired, Suspended};
    let (was, now) = (directory::seen(tx, id, if_match).await?, app.clock().now());
    let told = match (was.professional_status, input.status) {
        (from, to) if from == to => return Err(Error::conflict(format!("the doctor is {to} already")).about("status")),
        (Retired, Suspended) => return Err(Error::conflict("the doctor is retired").about("status")),
        (_, Active) => Told::REINSTATED,
        (_, Suspended) => Told::SUSPENDED,
        (_, Retired) => Told::RETIRED,
    };
    let doctor = Doctor {
        professional_status: input.status,
        is_available: input.status == Active,
        updated_at: now,
        version: was.version + 1,
        ..was.clone()
    };
    doctors::set(tx, &was, &doctor).await?;
    match input.status {
        Active => identity::reinstate_accounts_of(tx, id.0, now).await?,
        Suspended => identity::suspend_accounts_of(tx, id.0, now).await?,
        Retired => {
            directory::require_nobody_attended(tx, id).await?;
            directory::leave(app, tx, caller, id).await?;
            identity::suspend_accounts_of(tx, id.0, now).await?;
        }
    }
    let (status, reason) = (input.status, input.reason.trim().to_owned());
    let row = StatusChange {
        id: kernel::ids::new(),
        doctor_id: id,
        status,
        reason,
        changed_by: caller.actor,
        changed_at: now,
    };
    queries::add_status(tx, &row).await?;
    tell::of(app, tx, caller, told, id, now);
    Ok(doctor)
}
