//! The wearable consent of document 000: a consent that the patient gives without being asked, to have what the wearables
//! send kept. One engine keeps it with the others.
use access::data::Consents;
use access::{Caller, Grant, Write};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, PatientId, Result};
use store::{Sql, Tx};
use vault::PatientKey;

use crate::asked::{WearableConsentIn, require_ahead};
use crate::model::{
    ConsentId, ConsentStatus, Deed, GranteeKind, PurposeCode, Set, Stored, Subject, WearableConsent, Words,
};
use crate::{queries, sealed, settle, tell};

/// The consent by which the patient's wearables may be kept now; none when it was never given, has expired or was revoked.
pub async fn in_force(sql: &mut impl Sql, patient: PatientId, now: DateTime<Utc>) -> Result<Option<ConsentId>> {
    let last = queries::consents::to_wearables(sql, patient).await?;
    Ok(last.filter(|last| last.status_at(now) == ConsentStatus::Approved).map(|last| last.id))
}

/// What the patient last said.
pub async fn show(app: &App, patient: PatientId) -> Result<WearableConsent> {
    let last = queries::consents::to_wearables(&mut app.db(), patient).await?;
    Ok(WearableConsent::of(patient, last.as_ref(), app.clock().now()))
}

/// Gives the consent, gives it anew with another end, or takes it back. Answers 201 for one that was not there. 409 when
/// the patient has left.
pub async fn say(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    grant: &Grant<Write, Consents>,
    said: WearableConsentIn,
) -> Result<(StatusCode, WearableConsent)> {
    let (patient, now) = (grant.patient(), app.clock().now());
    require_ahead("expires_at", said.expires_at, now)?;
    patients::require_active(tx, patient).await?;
    let last = queries::consents::to_wearables(tx, patient).await?;
    let gives = said.consent_given.unwrap_or(true);
    let is_live = |last: &Stored| last.status_at(now) == ConsentStatus::Approved;
    let (status, kept) = match (last, gives) {
        (Some(live), false) if is_live(&live) => {
            let ended = settle::ended(live, caller, now);
            settle::end(app, tx, caller, &ended, now).await?;
            (StatusCode::OK, Some(ended))
        }
        (last, false) => (StatusCode::OK, last),
        (Some(live), true) if is_live(&live) => {
            let next = Stored { expires_at: said.expires_at, version: live.version + 1, ..live };
            queries::consents::set(tx, &next).await?;
            tell::told(app, tx, caller, ("consent.approved", "consent.approve"), (patient, next.id.0), now);
            (StatusCode::OK, Some(next))
        }
        (_, true) => {
            let key = sealed::key_in(app, tx, patient).await?;
            let new = given(caller, &key, said, now)?;
            queries::consents::add(tx, &new).await?;
            tell::told(app, tx, caller, ("consent.approved", "consent.approve"), (patient, new.id.0), now);
            (StatusCode::CREATED, Some(new))
        }
    };
    Ok((status, WearableConsent::of(patient, kept.as_ref(), now)))
}

fn given(caller: &Caller, key: &PatientKey, said: WearableConsentIn, now: DateTime<Utc>) -> Result<Stored> {
    let (id, patient) = (ConsentId::new(), key.patient());
    let words = Words { purpose: said.purpose, reason: None };
    Ok(Stored {
        id,
        patient_id: patient,
        grantee_kind: GranteeKind::Wearables,
        grantee_id: patient.0,
        categories: Set::of(vec![Subject::Wearables]),
        actions: Set::of(vec![Deed::Write]),
        purpose_code: PurposeCode::PatientRequest,
        sealed: sealed::seal(key, sealed::CONSENTS, id.0, &words)?,
        data_from: None,
        data_to: None,
        erase_at: None,
        status: ConsentStatus::Approved,
        requested_by: caller.actor,
        requested_role: caller.role,
        requested_at: now,
        decided_by: Some(caller.actor),
        decided_at: Some(now),
        expires_at: said.expires_at,
        revoked_by: None,
        revoked_at: None,
        version: 1,
    })
}
