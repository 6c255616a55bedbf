//! Lists in pages: an opaque cursor, `Link: <…>; rel="next"`, and `?skip` for the callers that count.
use axum::Json;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{Error, Result, request};

/// The header that says how many entries there are on all pages together.
const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

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
    /// Counts all entries that fit into the header `X-Total-Count`, on lists that can. It takes longer than a page: ask once.
    pub total: Option<bool>,
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

    /// Whether the number of all entries was asked for; give it to [`Listed::with_total`].
    pub fn wants_total(&self) -> bool {
        self.total == Some(true)
    }

    /// Cuts the extra row that [`rows`](Self::rows) asked for, and answers the cursor of the next page if there is one;
    /// `key` is what the list is ordered by.
    pub fn cut<T>(&self, entries: &mut Vec<T>, key: impl Fn(&T) -> Uuid) -> Option<String> {
        self.cut_at(entries, |last| key(last).simple().to_string())
    }

    /// As [`cut`](Self::cut), with the cursor that `place` makes of the last entry.
    fn cut_at<T>(&self, entries: &mut Vec<T>, place: impl Fn(&T) -> String) -> Option<String> {
        let more = entries.len() > self.limit();
        entries.truncate(self.limit());
        entries.last().filter(|_| more).map(place)
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
    total: Option<i64>,
}

impl<T> Listed<T> {
    /// Cuts the extra row that [`PageQuery::rows`] asked for; `key` is what the list is ordered by.
    pub fn new(mut entries: Vec<T>, page: &PageQuery, key: impl Fn(&T) -> Uuid) -> Self {
        let next = page.cut(&mut entries, key);
        Self { entries, next, total: None }
    }

    /// As [`new`](Self::new), for a list that is ordered by more than an id: `place` says where an entry stands, in letters,
    /// digits, `-` and `.`, and the list reads it back from [`PageQuery::cursor`].
    pub fn placed(mut entries: Vec<T>, page: &PageQuery, place: impl Fn(&T) -> String) -> Self {
        let next = page.cut_at(&mut entries, place);
        Self { entries, next, total: None }
    }

    /// A page that was cut where it was made, and where the next one starts.
    pub fn of_page(entries: Vec<T>, next: Option<String>) -> Self {
        Self { entries, next, total: None }
    }

    /// Where the next page starts, if there is one.
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// The entries as they are answered, for those who carry them on without knowing what they are.
    pub fn into_json(self) -> Result<Listed<Value>>
    where
        T: Serialize,
    {
        let entries = self.entries.into_iter().map(|entry| serde_json::to_value(entry).map_err(Error::internal));
        Ok(Listed { entries: entries.collect::<Result<_>>()?, next: self.next, total: self.total })
    }

    /// Says how many entries there are on all pages together.
    #[must_use]
    pub fn with_total(self, total: Option<i64>) -> Self {
        Self { total, ..self }
    }

    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Listed<U> {
        Listed { entries: self.entries.into_iter().map(each).collect(), next: self.next, total: self.total }
    }

    /// The page with these in place of its entries, one for each.
    pub fn with_entries<U>(self, entries: Vec<U>) -> Listed<U> {
        Listed { entries, next: self.next, total: self.total }
    }

    /// The page as a member of a larger answer, which carries the link to the next one.
    pub fn inside<B>(self, body: impl FnOnce(Vec<T>) -> B) -> Enclosed<B> {
        Enclosed { body: body(self.entries), next: self.next, total: self.total }
    }
}

/// An answer that a page of a list is a member of.
#[derive(Debug)]
pub struct Enclosed<B> {
    body: B,
    next: Option<String>,
    total: Option<i64>,
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        self.inside(|entries| entries).into_response()
    }
}

impl<B: Serialize> IntoResponse for Enclosed<B> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        if let Some(link) = self.next.and_then(|cursor| HeaderValue::from_str(&next_link(&cursor)).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        if let Some(total) = self.total {
            response.headers_mut().insert(TOTAL, HeaderValue::from(total));
        }
        response
    }
}

/// What the next page is not asked: where it starts is in the cursor, and the number was told once.
const LEFT_OUT: [&str; 3] = ["cursor=", "skip=", "total="];

/// The current address with another cursor.
fn next_link(cursor: &str) -> String {
    let current = request::current();
    let stays = |p: &&str| !p.is_empty() && !LEFT_OUT.iter().any(|left_out| p.starts_with(left_out));
    let query: Vec<&str> = current.query.split('&').filter(stays).collect();
    let mark = if query.is_empty() { "" } else { "&" };
    format!("<{}?{}{mark}cursor={cursor}>; rel=\"next\"", current.path, query.join("&"))
}
