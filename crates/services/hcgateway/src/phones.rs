//! Phones: how they sign in, stay signed in, and leave.
use access::{Caller, Rates, Role};
use chrono::{DateTime, TimeDelta, Utc};
use identity::{Account, Proof};
use kernel::{App, Error, PatientId, Result, SessionId, UserId, request};
use store::Tx;

use crate::model::{PhoneLoginIn, PhoneTokens};
use crate::queries::phones::{self, Phone};
use crate::sealed;

/// How long a token is good for: the apps renew theirs every three hours at best.
const ACCESS_LIVES: TimeDelta = TimeDelta::hours(12);
/// Phones of an account that are known at a time.
const MOST: i64 = 100;
/// The longest names, passwords and push tokens that are looked at.
const LONGEST: (usize, usize, usize) = (254, 1024, 4096);

/// Signs a phone in: 403 when name or password is wrong, when the account is not a patient's, and when the patient has not
/// agreed that what wearables send is kept.
pub async fn sign_in(app: &App, ask: PhoneLoginIn, device: String) -> Result<PhoneTokens> {
    let PhoneLoginIn { username, password, fcm_token } = ask;
    // No database keeps a text with a NUL, so nobody is called so.
    let unfit = username.trim().is_empty() || username.contains('\0');
    if unfit || username.len() > LONGEST.0 || password.len() > LONGEST.1 {
        return Err(wrong());
    }
    let (mut tx, account) = match identity::prove_password(app, username, password, &device).await? {
        Proof::Right(proven) => *proven,
        Proof::NeedsCode => {
            return Err(Error::forbidden("this account has a second factor, which this app cannot ask for"));
        }
        Proof::Wrong => return Err(wrong()),
    };
    let now = app.clock().now();
    let patient = match admit(&mut tx, &account, now).await {
        Ok(patient) => patient,
        Err(refused) => {
            // That it was refused is committed too: it stands on the audit chain.
            identity::refuse_app_session(&mut tx, &account, refused.detail(), now);
            tx.commit().await?;
            return Err(refused);
        }
    };
    let tokens = open(app, &mut tx, &account, patient, (device, fcm_token), now).await?;
    tx.commit().await?;
    Ok(tokens)
}

fn wrong() -> Error {
    Error::forbidden("invalid password")
}

/// The patient whose phone this is.
async fn admit(tx: &mut Tx, account: &Account, now: DateTime<Utc>) -> Result<PatientId> {
    let patient = account.reference_id.filter(|_| account.user_type == Role::Patient).map(PatientId);
    let patient = patient.ok_or_else(|| Error::forbidden("only a patient's account can send from a phone"))?;
    require_consent(tx, patient, now).await?;
    Ok(patient)
}

/// Refuses with 403 when the patient has not agreed that what wearables send is kept.
pub async fn require_consent(sql: &mut impl store::Sql, patient: PatientId, now: DateTime<Utc>) -> Result<()> {
    match consents::wearable_consent(sql, patient, now).await? {
        Some(_) => Ok(()),
        None => Err(Error::forbidden("the patient has not agreed that what wearables send is kept")),
    }
}

async fn open(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    patient: PatientId,
    (device, fcm): (String, Option<String>),
    now: DateTime<Utc>,
) -> Result<PhoneTokens> {
    let session = identity::open_app_session(tx, account, device, now).await?;
    let refresh = vault::new_secret()?;
    let fcm = fcm.filter(|token| !token.is_empty() && token.len() <= LONGEST.2);
    let fcm = match fcm {
        Some(fcm) => Some(sealed::seal(&sealed::key_in(app, tx, patient).await?, sealed::PHONES, session.0, &fcm)?),
        None => None,
    };
    let phone = Phone { session_id: session, user_id: account.id, patient_id: patient, fcm };
    phones::add(tx, &phone, vault::sha256(refresh.as_bytes()), now).await?;
    phones::keep_last(tx, (patient, account.id), MOST).await?;
    tokens(app, account.id, session, refresh, now)
}

/// The next token of a phone; 403 when nobody knows this secret or its session has ended.
pub async fn renew(app: &App, refresh: String) -> Result<PhoneTokens> {
    app.edge::<Rates>().count_stranger(&request::current().from, app.clock().now())?;
    let refused = || Error::forbidden("invalid refresh token");
    let phone = phones::by_refresh(&mut app.db(), vault::sha256(refresh.as_bytes())).await?.ok_or_else(refused)?;
    match identity::renew_app_session(app, phone.user_id, phone.session_id).await? {
        true => tokens(app, phone.user_id, phone.session_id, refresh, app.clock().now()),
        false => Err(refused()),
    }
}

fn tokens(app: &App, user: UserId, session: SessionId, refresh: String, now: DateTime<Utc>) -> Result<PhoneTokens> {
    let token = identity::access_token(app, user, session, ACCESS_LIVES, now)?;
    Ok(PhoneTokens { token, refresh, expiry: now + ACCESS_LIVES })
}

/// Signs a phone out: its tokens die, and what waited to be sent to it goes.
pub async fn sign_out(app: &App, caller: &Caller) -> Result<()> {
    let mut tx = app.db().begin().await?;
    identity::end_app_session(&mut tx, caller, app.clock().now()).await?;
    if let Some(session) = caller.session {
        phones::remove(&mut tx, session).await?;
    }
    Ok(tx.commit().await?)
}
