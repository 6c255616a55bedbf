//! What nobody can read is set aside, so that the rest of a sync is kept and the patient can find out why this is not.
use std::collections::HashSet;

use access::data::Wearables;
use access::{Grant, Read, Write};
use kernel::{App, Listed, PageQuery, PatientId, Result};
use serde::{Deserialize, Serialize};
use vault::{PatientKey, Vault};

use crate::batch::Bad;
use crate::method::Method;
use crate::model::Skipped;
use crate::phones::require_consent;
use crate::queries::quarantine::{self as rows, Stored};
use crate::sealed;

/// Entries kept for a patient: who sends nonsense for ever is shown the first of it.
const MOST: i64 = 10_000;
/// Entries kept of one body.
const OF_ONE_BODY: usize = 1000;
/// Bytes of a record that is shown with the reason.
const LARGEST: usize = 64 * 1024;

/// The sealed form.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: String,
    record_id: Option<String>,
    why: String,
    record: Option<String>,
}

/// Sets aside what nobody can read. What was set aside before is not set aside again.
pub async fn set_aside(
    app: &App,
    grant: &Grant<Write, Wearables>,
    key: &PatientKey,
    method: &Method,
    bad: Vec<Bad>,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let mut new = Vec::new();
    for (digest, bad) in unknown(app, patient, method, bad).await? {
        let id = kernel::ids::new();
        let record = bad.body.filter(|body| body.len() <= LARGEST);
        let kept = Kept { kind: method.as_str().to_owned(), record_id: bad.id, why: bad.why, record };
        new.push(Stored { id, digest, sealed: sealed::seal(key, sealed::QUARANTINE, id, &kept)?, first_at: now });
    }
    let mut tx = app.db().begin().await?;
    require_consent(&mut tx, patient, now).await?;
    if rows::count(&mut tx, patient).await? < MOST {
        rows::add(&mut tx, patient, new).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether anything of this was not set aside before.
pub async fn is_news(app: &App, patient: PatientId, method: &Method, bad: &[Bad]) -> Result<bool> {
    Ok(!bad.is_empty() && !unknown(app, patient, method, bad.to_vec()).await?.is_empty())
}

/// Those that were not set aside before, each once, with their digests.
async fn unknown(app: &App, patient: PatientId, method: &Method, bad: Vec<Bad>) -> Result<Vec<(Vec<u8>, Bad)>> {
    let vault = app.edge::<Vault>();
    let digest = |bad: &Bad| {
        let parts = [bad.id.as_deref(), Some(&bad.why), bad.body.as_deref()].map(Option::unwrap_or_default);
        let [id, why, body] = parts.map(str::as_bytes);
        vault.mac(sealed::QUARANTINE, &[patient.0.as_bytes(), method.as_str().as_bytes(), id, why, body])
    };
    let all = bad.into_iter().take(OF_ONE_BODY).map(|bad| (digest(&bad), bad));
    let all: Vec<(Vec<u8>, Bad)> = all.collect();
    let digests: Vec<&Vec<u8>> = all.iter().map(|(digest, _)| digest).collect();
    let mut seen: HashSet<Vec<u8>> = rows::known(&mut app.db(), patient, &digests).await?.into_iter().collect();
    Ok(all.into_iter().filter(|(digest, _)| seen.insert(digest.clone())).collect())
}

/// A page of what was set aside, the newest first.
pub async fn list(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Skipped>> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = rows::newest_first(&mut app.db(), grant.patient(), page.after()?, (page.rows(), page.skip())).await?;
    let shown = found.into_iter().map(|row| {
        let Kept { kind, record_id, why, record } = sealed::open(&key, sealed::QUARANTINE, row.id, &row.sealed)?;
        Ok(Skipped { id: row.id, kind, record_id, why, at: row.first_at, record })
    });
    Ok(Listed::new(shown.collect::<Result<Vec<_>>>()?, page, |skipped| skipped.id))
}
