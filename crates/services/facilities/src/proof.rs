//! Proving that an Aadhaar number is one's own, by a code that its owner is sent.
//!
//! A number that was proved beats one that was only claimed: whoever registered with somebody else's number loses it to
//! its owner, and nothing else.
use access::data::Registration;
use access::{Caller, Entry, Grant, Write};
use chrono::{DateTime, Utc};
use garde::Validate;
use kernel::{App, Error, PatientId, Result};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{AadhaarNumber, AadhaarText, AadhaarVault, PatientKey, Row, Vault};

use crate::codes::{self, Pending};
use crate::{CodeProvider, newcomer, tell};

/// Without a code one is sent; with it the number is proved.
#[derive(Default, Deserialize, ToSchema, Validate)]
pub struct NumberProofIn {
    /// Needed when none was given at registration, or another one.
    #[serde(alias = "aadhaar_number")]
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    pub aadhar_number: Option<AadhaarText>,
    /// The code that was sent.
    #[serde(alias = "otp")]
    #[garde(length(chars, max = 20))]
    #[schema(max_length = 20)]
    pub code: Option<String>,
    /// As it was answered when the code was sent; the last one when left out.
    #[garde(skip)]
    pub transaction_id: Option<Uuid>,
}

/// How far the proof has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proof {
    /// Always `success`.
    pub status: &'static str,
    pub message: &'static str,
    /// The last four digits, as `XXXX XXXX 2346`.
    pub aadhar_number: String,
    pub aadhar_verified: bool,
    pub transaction_id: Uuid,
    /// Until when the code is good; null once the number is proved.
    pub expires_at: Option<DateTime<Utc>>,
    /// 64 hexadecimal digits that stand for the number; null before it is proved.
    pub patient_uid: Option<String>,
}

/// Sends a code to the owner of the number that was given, or of the one that is kept.
pub async fn begin(
    app: &App,
    caller: &Caller,
    grant: &Grant<Write, Registration>,
    given: Option<&AadhaarText>,
) -> Result<Proof> {
    let (numbers, provider) = (app.edge::<AadhaarVault>(), app.edge::<CodeProvider>());
    let given = given.map(|text| newcomer::read(app, text)).transpose()?;
    let (patient, now, code) = (grant.patient(), app.clock().now(), provider.new_code()?);
    let mut tx = app.db().begin().await?;
    let key = key_in(app, &mut tx, patient).await?;
    let before = codes::lock(&mut tx, patient).await?;
    let number = wanted(app, &mut tx, caller, &key, given).await?;
    let (sends, counted_from) = codes::counted(before.as_ref(), now)?;
    let (transaction, blind_index) = (kernel::ids::secret(), numbers.blind_index(&number));
    codes::refuse_much_asked(&mut tx, patient, &blind_index, now).await?;
    let pending = Pending {
        patient_id: patient,
        transaction_id: transaction,
        blind_index,
        sealed: numbers.seal(&key, row(transaction), &number)?,
        code_hash: code.as_deref().map(|code| hash(app, transaction, code)),
        tries: 0,
        sends,
        counted_from,
        sent_at: now,
        expires_at: now + codes::LIVES,
        is_open: true,
    };
    let expires_at = Some(pending.expires_at);
    codes::put(&mut tx, pending).await?;
    access::record(&mut tx, Entry::of(caller, "aadhaar.code", transaction, now).about(patient));
    tx.commit().await?;
    provider.send(&number, transaction, code.as_deref()).await?;
    Ok(Proof {
        status: "success",
        message: "A code was sent to the phone that the number belongs to",
        aadhar_number: number.to_string(),
        aadhar_verified: false,
        transaction_id: transaction,
        expires_at,
        patient_uid: None,
    })
}

/// The number to prove: the one given, else the one that is kept. 409 when the kept one is proved already, or the given
/// one another patient's.
async fn wanted(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    key: &PatientKey,
    given: Option<AadhaarNumber>,
) -> Result<AadhaarNumber> {
    let (numbers, patient) = (app.edge::<AadhaarVault>(), key.patient());
    let kept = numbers.of(tx, patient).await?;
    if kept.as_ref().is_some_and(|kept| kept.verified_at.is_some()) {
        return Err(Error::conflict("your Aadhaar number is verified already").about("aadhar_number"));
    }
    match given {
        Some(number) => match numbers.lock(tx, &number).await? {
            Some(held) if held.patient_id != patient && held.verified_at.is_some() => Err(AadhaarVault::taken()),
            _ => Ok(number),
        },
        None => {
            let opened = numbers.number(tx, key, opening(app, caller, patient)).await?;
            opened.ok_or_else(|| Error::invalid("aadhar_number", "is needed: none of yours is kept"))
        }
    }
}

/// Proves the number that the code was sent for. 422 about `code` when it is wrong, used, expired, or was tried too often.
pub async fn finish(
    app: &App,
    caller: &Caller,
    grant: &Grant<Write, Registration>,
    (code, transaction): (&str, Option<Uuid>),
) -> Result<Proof> {
    let (patient, code) = (grant.patient(), code.trim());
    let tried = attempt(app, caller, patient, transaction).await?;
    let right = match (&tried.pending.code_hash, &tried.number) {
        (Some(kept), _) => vault::equal(kept, &hash(app, tried.pending.transaction_id, code)),
        (None, Some(number)) => app.edge::<CodeProvider>().is_right(number, tried.pending.transaction_id, code).await?,
        (None, None) => false,
    };
    match right {
        true => settle(app, caller, patient, &tried.pending).await,
        false => refuse(app, caller, patient).await,
    }
}

/// A code that is being tried.
struct Tried {
    pending: Pending,
    /// Opened where the provider has to be asked.
    number: Option<AadhaarNumber>,
}

/// Counts the try before anybody looks at the code: asking several times at once is no way to more tries.
async fn attempt(app: &App, caller: &Caller, patient: PatientId, transaction: Option<Uuid>) -> Result<Tried> {
    let mut tx = app.db().begin().await?;
    let found = codes::lock(&mut tx, patient).await?;
    let pending = found.filter(|pending| pending.may_be_tried(transaction, app.clock().now())).ok_or_else(wrong)?;
    codes::count_try(&mut tx, patient).await?;
    let number = match pending.code_hash {
        Some(_) => None,
        None => Some(number_of(app, &mut tx, caller, &pending).await?),
    };
    tx.commit().await?;
    Ok(Tried { pending, number })
}

async fn refuse(app: &App, caller: &Caller, patient: PatientId) -> Result<Proof> {
    let (mut tx, now) = (app.db().begin().await?, app.clock().now());
    let entry = Entry::of(caller, "aadhaar.verify", patient, now).about(patient).because("wrong code");
    access::record(&mut tx, Entry { allowed: false, ..entry });
    tx.commit().await?;
    Err(wrong())
}

fn wrong() -> Error {
    Error::invalid("code", "is not the one that was sent, or has expired, was used or tried too often")
}

/// Keeps the number as a proved one. A claim of somebody else's to it ends.
async fn settle(app: &App, caller: &Caller, patient: PatientId, pending: &Pending) -> Result<Proof> {
    let (numbers, now) = (app.edge::<AadhaarVault>(), app.clock().now());
    let mut tx = app.db().begin().await?;
    if !codes::use_up(&mut tx, patient, pending.transaction_id).await? {
        return Err(wrong());
    }
    let number = number_of(app, &mut tx, caller, pending).await?;
    let uid = match numbers.lock(&mut tx, &number).await? {
        Some(own) if own.patient_id == patient => {
            numbers.verify(&mut tx, patient, now).await?;
            own.uid
        }
        Some(other) if other.verified_at.is_some() => return Err(AadhaarVault::taken()),
        claim => {
            if let Some(claim) = claim {
                numbers.remove(&mut tx, claim.patient_id).await?;
                let entry = Entry::of(caller, "aadhaar.displace", claim.patient_id, now).about(claim.patient_id);
                access::record(&mut tx, entry.because("another patient proved the number"));
            }
            // One that was claimed before, and not proved.
            numbers.remove(&mut tx, patient).await?;
            let key = key_in(app, &mut tx, patient).await?;
            numbers.keep(&mut tx, &key, &number, Some(now), now).await?
        }
    };
    access::record(&mut tx, Entry::of(caller, "aadhaar.verify", patient, now).about(patient));
    tell::event(app, &mut tx, "aadhaar.verified", patient, patient.0, now);
    tx.commit().await?;
    Ok(Proof {
        status: "success",
        message: "The Aadhaar number is verified",
        aadhar_number: number.to_string(),
        aadhar_verified: true,
        transaction_id: pending.transaction_id,
        expires_at: None,
        patient_uid: Some(uid),
    })
}

/// The number that a code was sent for.
async fn number_of(app: &App, tx: &mut Tx, caller: &Caller, pending: &Pending) -> Result<AadhaarNumber> {
    let key = key_in(app, tx, pending.patient_id).await?;
    let put_down = opening(app, caller, pending.patient_id);
    app.edge::<AadhaarVault>().unseal(tx, &key, row(pending.transaction_id), &pending.sealed, put_down)
}

/// Every opening of a number stands on the audit chain.
fn opening(app: &App, caller: &Caller, patient: PatientId) -> impl FnOnce(&mut Tx) {
    let entry = Entry::of(caller, "aadhaar.open", patient, app.clock().now()).about(patient);
    move |tx: &mut Tx| access::record(tx, entry.because("one-time code"))
}

async fn key_in(app: &App, tx: &mut Tx, patient: PatientId) -> Result<PatientKey> {
    app.edge::<Vault>().key_in(tx, patient).await
}

fn hash(app: &App, transaction: Uuid, code: &str) -> Vec<u8> {
    app.edge::<Vault>().mac("aadhaar code", &[transaction.as_bytes(), code.as_bytes()])
}

fn row(transaction: Uuid) -> Row<'static> {
    Row { table: "aadhaar_codes", id: transaction }
}
