//! Asking a patient for consent.
use access::Caller;
use axum::http::StatusCode;
use kernel::{App, Error, PatientId, Result};
use store::Tx;

use crate::asked::{ConsentRequest, require_ahead, require_span};
use crate::model::{Consent, ConsentId, ConsentStatus, Deed, PurposeCode, Set, Stored, Words};
use crate::{grantee, queries, sealed, settle, tell};

/// Requests of one grantee that may wait for one patient's answer: nobody is worn down by being asked.
const MOST: i64 = 5;

/// Asks the patient, who has been looked up for this caller, for a consent. It opens nothing until it is approved. 409 when
/// five requests of this grantee wait already; a patient who left is not there.
pub async fn request(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    patient: PatientId,
    asked: ConsentRequest,
) -> Result<Consent> {
    let (id, now) = (ConsentId::new(), app.clock().now());
    let own = grantee::of(caller).ok_or_else(|| Error::forbidden("your account stands for nobody who treats"))?;
    require_ahead("expires_at", asked.expires_at, now)?;
    require_ahead("erase_at", asked.erase_at, now)?;
    require_span(asked.data_from, asked.data_to)?;
    access::require_approved(tx, own.1).await?;
    grantee::require_there(tx, own.0, own.1).await?;
    patients::require_active(tx, patient).await.map_err(|error| match error.status() {
        // Whoever asks need not know the patient, and so learns nothing of what became of them.
        StatusCode::CONFLICT => Error::not_found("patient"),
        _ => error,
    })?;
    if queries::consents::waiting(tx, patient, own.1, now).await? >= MOST {
        return Err(Error::conflict(format!("{MOST} requests wait for the patient's answer")));
    }
    let words = Words { purpose: Some(asked.purpose.trim().to_owned()), reason: None };
    let key = sealed::key_in(app, tx, patient).await?;
    let actions = asked.actions.or(asked.consent_type.map(|one| vec![one]));
    let new = Stored {
        id,
        patient_id: patient,
        grantee_kind: own.0,
        grantee_id: own.1,
        categories: Set::of(asked.data_categories),
        actions: Set::of(actions.unwrap_or_else(|| vec![Deed::Read])),
        purpose_code: asked.purpose_code.unwrap_or(PurposeCode::CareManagement),
        sealed: sealed::seal(&key, sealed::CONSENTS, id.0, &words)?,
        data_from: asked.data_from,
        data_to: asked.data_to,
        erase_at: asked.erase_at,
        status: ConsentStatus::Requested,
        requested_by: caller.actor,
        requested_role: caller.role,
        requested_at: now,
        decided_by: None,
        decided_at: None,
        expires_at: settle::ending(asked.expires_at, asked.erase_at),
        revoked_by: None,
        revoked_at: None,
        version: 1,
    };
    queries::consents::add(tx, &new).await?;
    tell::told(app, tx, caller, ("consent.requested", "consent.request"), (patient, id.0), now);
    let name = grantee::name(tx, own.0, own.1).await?;
    Ok(Consent::of(&new, words, name, now))
}
