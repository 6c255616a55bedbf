//! Breaking the glass: a clinician opens a chart without a relation, says why, and everybody learns of it.
use access::{Caller, Kind, Relation};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{App, Error, PatientId, Quota, Result, UserId};
use store::Tx;

use crate::asked::BreakGlassIn;
use crate::model::{BrokenGlass, StoredGlass};
use crate::{actors, queries, sealed, tell};

/// How long broken glass opens a chart.
const LASTS: TimeDelta = TimeDelta::minutes(60);

/// How often an account breaks the glass in a day.
const QUOTA: Quota = Quota { name: "break-glass", tries: 10, seconds: 86_400 };

/// Opens the patient's chart to the caller alone for an hour: everything to read, and vitals, care and records to write.
/// The patient sees it, and an administrator reviews it. 429 after ten in a day; 409 when the patient has left.
pub async fn break_glass(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    patient: PatientId,
    said: &BreakGlassIn,
) -> Result<BrokenGlass> {
    let (id, now) = (kernel::ids::new(), app.clock().now());
    caller.must_be_person()?;
    // Whoever registered without anybody's help, and was not looked into yet, opens nobody's chart.
    if let Some(holder) = caller.reference {
        access::require_approved(tx, holder).await?;
    }
    require_quota(tx, caller, now).await?;
    patients::require_active(tx, patient).await?;
    let reason = said.reason.trim().to_owned();
    let key = sealed::key_in(app, tx, patient).await?;
    let new = StoredGlass {
        id,
        patient_id: patient,
        account_id: UserId(caller.actor),
        role: caller.role,
        reference_id: caller.reference,
        sealed: sealed::seal(&key, sealed::GLASS, id, &reason)?,
        at: now,
        expires_at: now + LASTS,
        outcome: None,
        note: None,
        reviewed_by: None,
        reviewed_at: None,
    };
    queries::glass::add(tx, &new).await?;
    let relation =
        Relation { expires_at: Some(new.expires_at), ..Relation::new(patient, caller.actor, Kind::BreakGlass, id) };
    access::relate_as(tx, &relation, now).await?;
    tell::told(app, tx, caller, ("glass.broken", "glass.break"), (patient, id), now);
    let name = actors::name(tx, caller.actor, caller.role, caller.reference).await?;
    Ok(BrokenGlass::of(&new, name, reason, None))
}

async fn require_quota(tx: &mut Tx, caller: &Caller, now: DateTime<Utc>) -> Result<()> {
    let day = TimeDelta::seconds(QUOTA.seconds.into());
    let broken = queries::glass::since(tx, caller.actor, now - day, now).await?;
    match broken.first() {
        Some(first) if broken.len() >= QUOTA.tries as usize => {
            let wait = (*first + day - now).num_seconds().max(1);
            Err(Error::too_many("ten in a day are the most; ask whoever treats the patient")
                .retry_after(wait.unsigned_abs())
                .under(QUOTA))
        }
        _ => Ok(()),
    }
}
