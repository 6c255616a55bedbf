//! What providers tell us without being asked: proved first, then put down as notices with the jobs that fetch them.
pub mod fitbit;
pub mod google;
mod keyset;
mod tink;

use access::Rates;
use kernel::{App, Error, Result, request};

pub use keyset::Keyset;

use crate::connections;
use crate::notices::{self, Notice};
use crate::provider::Provider;
use crate::{connect, ending};

/// News of one account at a provider.
pub struct News {
    pub owner: String,
    pub what: What,
}

/// What happened there.
pub enum What {
    Changed(Notice),
    /// The patient took the access back.
    Revoked,
}

/// Puts down what was told: from the commit on it is fetched, whatever becomes of this process. News of accounts that
/// nobody connected are passed over, so that the provider does not tell them again for days.
pub async fn put_down(app: &App, provider: Provider, all: Vec<News>) -> Result<()> {
    let now = app.clock().now();
    let mut owners: Vec<(Vec<u8>, Vec<What>)> = Vec::new();
    for News { owner, what } in all {
        let index = connect::owner_index(app, provider, &owner);
        match owners.iter_mut().find(|(known, _)| *known == index) {
            Some((_, more)) => more.push(what),
            None => owners.push((index, vec![what])),
        }
    }
    // Everybody locks several of them in one order.
    owners.sort_by(|a, b| a.0.cmp(&b.0));
    let mut tx = app.db().begin().await?;
    for (index, news) in owners {
        let Some(connection) = connections::lock_of_owner(&mut tx, provider, index).await? else { continue };
        if news.iter().any(|what| matches!(what, What::Revoked)) {
            let why = format!("the access was taken back at {}", provider.name());
            ending::lost(app, &mut tx, &connection, &why, now).await?;
            continue;
        }
        for what in &news {
            if let What::Changed(notice) = what {
                notices::add(&mut tx, connection.id, notice).await?;
            }
        }
        // While it fails, its patience decides: news are no reason to ask a provider that asked to wait.
        if connection.failures == 0 {
            connect::wake(app, &mut tx, &connection).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// The refusal of what is not signed as it should be. Whoever tries that often is turned away sooner.
fn forged(app: &App, provider: Provider) -> Error {
    let request = request::current();
    tracing::warn!(provider = provider.name(), request_id = request.id, "a notification is not signed by the provider");
    match app.edge::<Rates>().count_stranger(&request.from, app.clock().now()) {
        Ok(()) => Error::unauthenticated("the signature does not fit"),
        Err(too_many) => too_many,
    }
}
