//! Syncing: what is new is kept, what was there is recognised, what nobody can read is set aside.
use access::data::Wearables;
use access::{Caller, Grant, Write};
use kernel::{App, Buckets, Error, PatientId, Quota, Result};
use vault::Vault;
use wearables::body::Packed;
use wearables::records;
use wearables::{By, Delivery, Intake, SourceOf};

use crate::batch::{self, Bad, Batch, Heads};
use crate::method::Method;
use crate::model::Synced;
use crate::phones::require_consent;
use crate::quarantine;

/// What a record comes from that does not say so, or names one app too many.
const UNNAMED: &str = "hcgateway";

/// Which apps were heard of lately. When a phone sends nothing but what is there already, that it sent is noted once in a
/// while and not each time.
pub struct Heard(Buckets<(PatientId, String)>);

const ONCE_IN_A_WHILE: Quota = Quota { name: "heard", tries: 1, seconds: 600 };
const KEPT: usize = 100_000;

impl Default for Heard {
    fn default() -> Self {
        Self(Buckets::new(KEPT))
    }
}

/// Takes a body in, piece by piece. 400 when there is no data in it, 403 without the patient's consent; never for one bad
/// record. A phone that hears no answer sends everything again, and finds what was stored.
pub async fn sync(app: &App, caller: &Caller, patient: PatientId, method: Method, body: Packed) -> Result<Synced> {
    let pieces = body.read(batch::pieces).await?;
    require_consent(&mut app.db(), patient, app.clock().now()).await?;
    let mut synced = Synced { success: true, count: 0, skipped: 0 };
    // Of who sends nonsense only the first is kept.
    let mut room = quarantine::OF_ONE_BODY;
    for piece in pieces {
        let (vault, now, of) = (app.edge::<Vault>().clone(), app.clock().now(), method.clone());
        let heads = body.read(move |body| batch::heads(&of, (body, &piece), (&vault, patient), now)).await?;
        let Batch { new, same, skipped, left_out } = sort(app, patient, &method, heads).await?;
        synced.count += new.len() + same;
        synced.skipped += skipped.len();
        deliver(app, caller, patient, new, same).await?;
        let bad: Vec<Bad> = skipped.into_iter().chain(left_out).take(room).collect();
        room -= bad.len();
        set_aside(app, caller, patient, &method, bad).await?;
    }
    Ok(synced)
}

/// Sets aside what was not set aside before. Who sends the same again writes nothing, and leaves no entry.
async fn set_aside(app: &App, caller: &Caller, patient: PatientId, method: &Method, bad: Vec<Bad>) -> Result<()> {
    let news = quarantine::news(app, patient, method, bad).await?;
    if news.is_empty() {
        return Ok(());
    }
    let grant = Grant::<Write, Wearables>::ask(app, caller, patient).await?;
    let key = app.edge::<Vault>().key(&app.db(), patient).await?;
    quarantine::set_aside(app, &grant, &key, method, news).await
}

/// Finds out which records are new, and reads these.
async fn sort(app: &App, patient: PatientId, method: &Method, heads: Heads) -> Result<Batch> {
    /// A batch of up to so many bytes is read where it arrived.
    const SMALL: usize = 64 * 1024;
    let ids: Vec<&str> = heads.sent.iter().map(|sent| sent.header.id.as_str()).collect();
    let known = records::known(&mut app.db(), patient, method.as_str(), &ids).await?;
    let (vault, now, of) = (app.edge::<Vault>().clone(), app.clock().now(), method.clone());
    let size: usize = heads.sent.iter().map(|sent| sent.body.len()).sum();
    let work = move || batch::sort(&of, heads, &known, (&vault, patient), now);
    match size <= SMALL {
        true => Ok(work()),
        false => tokio::task::spawn_blocking(work).await.map_err(Error::internal),
    }
}

/// Hands what is new to the intake, which asks for the consent again inside its transaction.
async fn deliver(
    app: &App,
    caller: &Caller,
    patient: PatientId,
    new: Vec<wearables::NewRecord>,
    same: usize,
) -> Result<()> {
    let name = new.first().and_then(|record| record.app.clone()).unwrap_or_else(|| UNNAMED.to_owned());
    if new.is_empty() {
        let now = app.clock().now();
        let heard = app.edge::<Heard>().0.take(&(patient, name.clone()), ONCE_IN_A_WHILE, now).is_err();
        if same == 0 || heard {
            return Ok(());
        }
    }
    let mut delivery = Delivery::new(By::Caller(caller.clone()), patient, SourceOf::app(name));
    delivery.records = new;
    delivery.rest = Some(UNNAMED);
    app.edge::<Intake>().deliver(delivery).await.map(drop)
}
