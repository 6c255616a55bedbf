//! Fetching: the patient's records of one kind that fit a filter, a page at a time into one answer.
use access::data::Wearables;
use access::{Grant, Read};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt as _, stream};
use kernel::{App, Error, Result};
use serde_json::Value;
use vault::{PatientKey, Vault};
use wearables::records::{self, Found, Place, Record, Wanted};

use crate::filter::{Field, Filter, Seen};
use crate::method::Method;
use crate::model::Fetched;

/// Records opened at a time.
const PAGE: i64 = 200;

/// Records on their way into the answer.
struct Reader {
    app: App,
    grant: Grant<Read, Wearables>,
    key: PatientKey,
    method: Method,
    filter: Filter,
    wanted: Wanted,
    after: Option<Place>,
    /// What stands before the next record.
    mark: &'static str,
    done: bool,
}

/// The records that fit, as one list. It is written as it is read: years of records are more than memory should hold.
pub async fn fetch(app: &App, grant: Grant<Read, Wearables>, method: Method, filter: Filter) -> Result<Response> {
    let key = app.edge::<Vault>().key(&app.db(), grant.patient()).await?;
    let wanted = wanted(&method, &filter);
    let mut reader =
        Reader { app: app.clone(), grant, key, method, filter, wanted, after: None, mark: "[", done: false };
    // The first page is read before the answer begins, so that what goes wrong at once is an error.
    let first = reader.page().await?;
    let rest = stream::try_unfold(reader, |mut reader| async move {
        match reader.done {
            true => Ok::<_, Error>(None),
            false => Ok(Some((reader.page().await?, reader))),
        }
    });
    let whole = stream::once(async { Ok::<Bytes, Error>(first) }).chain(rest);
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(whole)).into_response())
}

/// What the database can leave out. Records begin before they end: so one that begins in time has not ended before.
fn wanted(method: &Method, filter: &Filter) -> Wanted {
    let ((begins, begun), (ends, ended)) = (filter.span(Field::Start), filter.span(Field::End));
    // The bound of the list is open and that of the filter may be closed.
    let just_after = |time: DateTime<Utc>| time + TimeDelta::microseconds(1);
    Wanted {
        kind: Some(method.as_str().to_owned()),
        from: begins.max(ends),
        to: [begun, ended].into_iter().flatten().min().map(just_after),
        app: None,
    }
}

impl Reader {
    /// The next records that fit, as a part of the list.
    async fn page(&mut self) -> Result<Bytes> {
        let found = match self.filter.ids().map(|ids| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()) {
            Some(ids) => self.named(&ids).await?,
            None => {
                let list = records::list(&mut self.app.db(), &self.grant, &self.wanted, self.after, PAGE).await?;
                self.done = list.len() < PAGE as usize;
                self.after = list.last().map(Found::place);
                list
            }
        };
        let mut text = String::new();
        for found in found {
            let record = found.open(&self.grant, &self.key)?;
            let Some(fetched) = shown(&record, &self.filter)? else { continue };
            text.push_str(std::mem::replace(&mut self.mark, ","));
            text.push_str(&serde_json::to_string(&fetched).map_err(Error::internal)?);
        }
        if self.done {
            text.push_str(if self.mark == "[" { "[]" } else { "]" });
        }
        Ok(text.into())
    }

    /// All records of these ids.
    async fn named(&mut self, ids: &[String]) -> Result<Vec<Found>> {
        self.done = true;
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        records::named(&mut self.app.db(), &self.grant, self.method.as_str(), &ids).await
    }
}

/// A record as it is fetched, if it fits.
fn shown(record: &Record, filter: &Filter) -> Result<Option<Fetched>> {
    let mut body: Value = serde_json::from_str(&record.body).map_err(Error::internal)?;
    let mut take = |name: &str| body.as_object_mut().and_then(|body| body.remove(name));
    let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
    drop(take("metadata"));
    let (time, start, end) = (text(take("time")), text(take("startTime")), text(take("endTime")));
    let end = end.filter(|_| time.is_none());
    let seen = Seen {
        id: &record.record_id,
        app: record.app.as_deref(),
        start: record.from,
        end: end.as_ref().map(|_| record.to),
    };
    if !filter.fits(&seen) {
        return Ok(None);
    }
    let id = record.record_id.clone();
    Ok(Some(Fetched { key: id.clone(), id, data: body, app: record.app.clone(), start: time.or(start), end }))
}
