//! Lists in pages: an opaque cursor, `Link: <…>; rel="next"`, and `?skip` for the callers that count.
use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{Error, Result, request};

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, garde::Validate)]
#[garde(allow_unvalidated)]
pub struct PageQuery {
    /// Where the page before ended, as its `Link` header says.
    pub cursor: Option<String>,
    /// Entries to pass over; prefer `cursor`.
    #[garde(inner(range(max = 1_000_000)))]
    #[param(maximum = 1_000_000)]
    pub skip: Option<u32>,
    /// Entries at most: 1 to 1000, else 100.
    #[garde(inner(range(min = 1, max = 1000)))]
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

impl PageQuery {
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(100) as usize
    }

    /// Rows to ask the database for: one more than is shown, to know whether a next page exists.
    pub fn rows(&self) -> i64 {
        self.limit() as i64 + 1
    }

    pub fn skip(&self) -> i64 {
        i64::from(self.skip.unwrap_or_default())
    }

    /// Cuts the extra row that [`rows`](Self::rows) asked for, and answers the cursor of the next page if there is one;
    /// `key` is what the list is ordered by.
    pub fn cut<T>(&self, entries: &mut Vec<T>, key: impl Fn(&T) -> Uuid) -> Option<String> {
        let more = entries.len() > self.limit();
        entries.truncate(self.limit());
        entries.last().filter(|_| more).map(|last| key(last).simple().to_string())
    }

    /// The id after which this page starts.
    pub fn after(&self) -> Result<Option<Uuid>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        cursor.parse().map(Some).map_err(|_| Error::invalid("cursor", "is not a cursor of this list"))
    }
}

/// One page of entries with a link to the next.
#[derive(Debug)]
pub struct Listed<T> {
    pub entries: Vec<T>,
    next: Option<String>,
}

impl<T> Listed<T> {
    /// Cuts the extra row that [`PageQuery::rows`] asked for; `key` is what the list is ordered by.
    pub fn new(mut entries: Vec<T>, page: &PageQuery, key: impl Fn(&T) -> Uuid) -> Self {
        let next = page.cut(&mut entries, key);
        Self { entries, next }
    }

    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Listed<U> {
        Listed { entries: self.entries.into_iter().map(each).collect(), next: self.next }
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.entries).into_response();
        if let Some(link) = self.next.and_then(|cursor| HeaderValue::from_str(&next_link(&cursor)).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// The current address with another cursor.
fn next_link(cursor: &str) -> String {
    let current = request::current();
    let kept =
        current.query.split('&').filter(|p| !p.is_empty() && !p.starts_with("cursor=") && !p.starts_with("skip="));
    let query: Vec<&str> = kept.collect();
    let mark = if query.is_empty() { "" } else { "&" };
    format!("<{}?{}{mark}cursor={cursor}>; rel=\"next\"", current.path, query.join("&"))
}
