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
pub const OF_ONE_BODY: usize = 1000;
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

/// What was not set aside before, with what tells so.
pub struct News {
    digest: Vec<u8>,
    bad: Bad,
}

/// Sets aside what nobody can read.
pub async fn set_aside(
    app: &App,
    grant: &Grant<Write, Wearables>,
    key: &PatientKey,
    method: &Method,
    news: Vec<News>,
) -> Result<()> {
    let (patient, now) = (grant.patient(), app.clock().now());
    let mut new = Vec::with_capacity(news.len());
    for News { digest, bad } in news {
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

/// Those of these that were not set aside before, each once.
pub async fn news(app: &App, patient: PatientId, method: &Method, bad: Vec<Bad>) -> Result<Vec<News>> {
    let vault = app.edge::<Vault>();
    let digest = |bad: &Bad| {
        let parts = [bad.id.as_deref(), Some(&bad.why), bad.body.as_deref()].map(Option::unwrap_or_default);
        let [id, why, body] = parts.map(str::as_bytes);
        vault.mac(sealed::QUARANTINE, &[patient.0.as_bytes(), method.as_str().as_bytes(), id, why, body])
    };
    let all: Vec<News> = bad.into_iter().map(|bad| News { digest: digest(&bad), bad }).collect();
    let digests: Vec<&Vec<u8>> = all.iter().map(|news| &news.digest).collect();
    let mut seen: HashSet<Vec<u8>> = rows::known(&mut app.db(), patient, &digests).await?.into_iter().collect();
    Ok(all.into_iter().filter(|news| seen.insert(news.digest.clone())).collect())
}

/// A page of what was set aside, the newest first. Of what time it is nobody could read: whoever may see some time alone
/// sees nothing of it.
pub async fn list(app: &App, grant: &Grant<Read, Wearables>, page: &PageQuery) -> Result<Listed<Skipped>> {
    if !grant.span().is_always() {
        return Ok(Listed::of_page(Vec::new(), None));
    }
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let found = rows::newest_first(&mut app.db(), grant.patient(), page.after()?, (page.rows(), page.skip())).await?;
    let shown = found.into_iter().map(|row| {
        let Kept { kind, record_id, why, record } = sealed::open(&key, sealed::QUARANTINE, row.id, &row.sealed)?;
        Ok(Skipped { id: row.id, kind, record_id, why, at: row.first_at, record })
    });
    Ok(Listed::new(shown.collect::<Result<Vec<_>>>()?, page, |skipped| skipped.id))
}
