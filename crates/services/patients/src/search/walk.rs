//! Finding the patients a caller may see who fit a search, in the order of their ids, a page at a time.
//!
//! Whoever is not an administrator sees those they are related to. Two walks lead there: through everybody who fits,
//! keeping the related, and through the related, keeping who fits. Which is shorter cannot be told beforehand (a front
//! desk with 100,000 patients looks for one; a nurse with three looks among 10,000 namesakes), so both are walked side by
//! side, and the first to arrive answers: never more than twice the work of the shorter.
use access::{Caller, Role};
use kernel::{PageQuery, Result};
use store::Db;
use uuid::Uuid;

use super::Search;
use crate::model::{PatientFilter, Stored};
use crate::queries::{patients, search};

/// Patients looked at together, at most and at least: a question costs as much as some rows.
const MOST: usize = 256;
const FEWEST: usize = 16;

/// A page of patients, with one more than is shown when there is a next page.
pub async fn find(db: &mut Db, caller: &Caller, page: &PageQuery, filter: &PatientFilter) -> Result<Vec<Stored>> {
    let Some(search) = Search::of(db, filter, page.after()?).await? else { return Ok(Vec::new()) };
    let wanted = Wanted { skip: page.skip() as usize, rows: page.rows() as usize };
    walk(db, caller, filter, search, wanted).await.map(|walk| walk.found)
}

/// How many patients fit on all pages together.
pub async fn count(db: &mut Db, caller: &Caller, filter: &PatientFilter) -> Result<i64> {
    let Some(search) = Search::of(db, filter, None).await? else { return Ok(0) };
    let all = Wanted { skip: usize::MAX, rows: 1 };
    walk(db, caller, filter, search, all).await.map(|walk| walk.seen as i64)
}

#[derive(Clone, Copy)]
struct Wanted {
    /// Fitting patients to pass over.
    skip: usize,
    rows: usize,
}

/// One of the two walks, and how far it is.
struct Walk {
    search: Search,
    wanted: Wanted,
    /// Fitting patients met so far.
    seen: usize,
    found: Vec<Stored>,
    /// Patients looked at together the last time.
    batch: usize,
}

async fn walk(db: &mut Db, caller: &Caller, filter: &PatientFilter, search: Search, wanted: Wanted) -> Result<Walk> {
    let start = |after| {
        let search = Search { keys: search.keys.clone(), after, before: search.before };
        Walk { search, wanted, seen: 0, found: Vec::new(), batch: 0 }
    };
    let (mut fitting, mut related) = (start(search.after), start(search.after));
    let everybody = caller.role == Role::Admin;
    // Without a filter that leads anywhere, everybody fits, and the related are the shorter walk.
    let leads = everybody || !search.keys.is_empty() || filter.is_narrow();
    loop {
        if leads && fitting.step_through_fitting(db, caller, filter).await? {
            return Ok(fitting);
        }
        if !everybody && related.step_through_related(db, caller, filter).await? {
            return Ok(related);
        }
    }
}

impl Walk {
    /// Looks at the next of those who fit; true when it has arrived.
    async fn step_through_fitting(&mut self, db: &mut Db, caller: &Caller, filter: &PatientFilter) -> Result<bool> {
        let rows = self.batch();
        let batch = search::fitting(db, &self.search, filter, rows).await?;
        let ids: Vec<_> = batch.iter().map(|stored| stored.load_key).collect();
        let more = ids.len() as i64 == rows;
        match caller.role {
            Role::Admin => self.take(db, batch, filter).await?,
            _ => {
                let related = access::related_among(db, caller, &ids).await?;
                let batch = batch.into_iter().filter(|stored| related.contains(&stored.load_key));
                self.take(db, batch.collect(), filter).await?;
            }
        }
        Ok(self.is_over(ids.last().map(|id| id.0), more))
    }

    /// Looks at the next of the caller's patients; true when it has arrived.
    async fn step_through_related(&mut self, db: &mut Db, caller: &Caller, filter: &PatientFilter) -> Result<bool> {
        let rows = self.batch();
        let mut ids = access::related_to(db, caller, self.search.after, 0, rows).await?;
        let (last, mut more) = (ids.last().map(|id| id.0), ids.len() as i64 == rows);
        if let Some(before) = self.search.before {
            ids.retain(|id| id.0 < before);
            more &= last.is_some_and(|last| last < before);
        }
        let ids = search::having(db, &self.search.keys, ids).await?;
        let batch = patients::by_ids(db, &ids).await?;
        self.take(db, batch, filter).await?;
        Ok(self.is_over(last, more))
    }

    async fn take(&mut self, db: &mut Db, batch: Vec<Stored>, filter: &PatientFilter) -> Result<()> {
        for stored in batch.into_iter().filter(|stored| filter.fits(stored)) {
            if !is_called_so(db, filter, &stored).await? {
                continue;
            }
            self.seen += 1;
            if self.seen > self.wanted.skip && self.found.len() < self.wanted.rows {
                self.found.push(stored);
            }
        }
        Ok(())
    }

    /// How many to look at next: at first what the page lacks, should all fit; twice as many whenever too few did.
    fn batch(&mut self) -> i64 {
        let lacking = self.wanted.skip.saturating_add(self.wanted.rows).saturating_sub(self.seen);
        self.batch = (2 * self.batch).max(lacking.min(MOST)).clamp(FEWEST, MOST);
        self.batch as i64
    }

    fn is_over(&mut self, last: Option<Uuid>, more: bool) -> bool {
        self.search.after = last.or(self.search.after);
        !more || self.found.len() >= self.wanted.rows
    }
}

/// Whether the name is what is searched, or one of the names of the records that were merged into this one.
async fn is_called_so(db: &mut Db, filter: &PatientFilter, stored: &Stored) -> Result<bool> {
    if filter.has_words(&stored.name) {
        return Ok(true);
    }
    if !stored.stands_for_others() {
        return Ok(false);
    }
    let group = access::group(db, stored.load_key).await?;
    let names: Vec<String> = patients::by_ids(db, &group).await?.into_iter().map(|record| record.name).collect();
    Ok(filter.has_words(&names.join(" ")))
}
