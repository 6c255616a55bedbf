//! What is to be written into a phone's own store, or taken out of it: kept for each phone until it can be sent.
use access::data::Wearables;
use access::{Caller, Entry, Grant, Write};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{App, Error, Result, SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault::{PatientKey, Vault};

use crate::method::Method;
use crate::model::Pushed;
use crate::phones::require_consent;
use crate::queries::outbox::{self, Stored};
use crate::queries::phones::{self, Phone};
use crate::sealed;

/// Phones of a patient that something is sent to.
const PHONES: i64 = 10;
/// What may wait for a patient's phones.
const MOST: i64 = 1000;
/// Records of one message.
pub const RECORDS: usize = 1000;
/// Bytes of one message: push services take 4 KB, and a list of them is split.
const LARGEST: usize = 256 * 1024;

/// What a phone is to do, sealed.
#[derive(Serialize, Deserialize)]
pub struct Message {
    /// `PUSH` or `DEL`.
    pub op: String,
    pub method: String,
    /// Records to write, or the ids of those to take out.
    pub data: Value,
}

impl Message {
    pub fn write(method: &Method, records: Value) -> Self {
        Self { op: "PUSH".to_owned(), method: method.as_str().to_owned(), data: records }
    }

    pub fn take_out(method: &Method, ids: Vec<String>) -> Self {
        Self { op: "DEL".to_owned(), method: method.as_str().to_owned(), data: ids.into() }
    }
}

/// Keeps a message for each of the patient's phones that can be reached. 404 when none can, 409 when too much waits already.
pub async fn push(app: &App, caller: &Caller, grant: &Grant<Write, Wearables>, message: &Message) -> Result<Pushed> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    let phones = reachable(app, grant).await?;
    if phones.is_empty() {
        return Err(Error::new(StatusCode::NOT_FOUND, "no fcm token found"));
    }
    let waiting = phones.iter().map(|phone| sealed_for(&key, phone.session_id, message, now));
    let waiting = waiting.collect::<Result<Vec<_>>>()?;
    if waiting.iter().any(|one| one.sealed.len() > LARGEST) {
        return Err(Error::too_large("a message to a phone is smaller than 256 KB"));
    }
    let mut tx = app.db().begin().await?;
    require_consent(&mut tx, patient, now).await?;
    if outbox::count(&mut tx, patient).await? + waiting.len() as i64 > MOST {
        return Err(Error::conflict("too much waits to be sent to the phone already"));
    }
    outbox::add(&mut tx, patient, waiting).await?;
    let object = format!("{} {}", message.op, message.method);
    access::record(&mut tx, Entry::of(caller, "phone.push", object, now).about(patient));
    tx.commit().await?;
    let message = "kept, and not sent: this server has no key of a push service";
    Ok(Pushed { success: true, sent: false, message })
}

fn sealed_for(key: &PatientKey, session_id: SessionId, message: &Message, now: DateTime<Utc>) -> Result<Stored> {
    let id = kernel::ids::new();
    let sealed = sealed::seal(key, sealed::OUTBOX, id, message)?;
    // What was read may be nested as deeply as can be read, and lies deeper in the message.
    if sealed::open::<Message>(key, sealed::OUTBOX, id, &sealed).is_err() {
        return Err(Error::malformed("the records are nested too deeply"));
    }
    Ok(Stored { id, session_id, sealed, created_at: now })
}

/// The patient's phones that can be reached by push and are signed in.
async fn reachable(app: &App, grant: &Grant<Write, Wearables>) -> Result<Vec<Phone>> {
    let mut live = Vec::new();
    for phone in phones::with_push(&mut app.db(), grant.patient(), PHONES).await? {
        if is_signed_in(app, phone.user_id, phone.session_id).await? {
            live.push(phone);
        }
    }
    Ok(live)
}

async fn is_signed_in(app: &App, user: UserId, session: SessionId) -> Result<bool> {
    let now = app.clock().now();
    let sessions = access::sessions_of(app, user).await?;
    Ok(sessions.iter().any(|one| one.load_key == session && one.expires_at > now))
}
