//! A body taken apart: records that are new, records that were there already, and records that nobody can read.
use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use kernel::{Error, PatientId, Result};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use vault::Vault;
use wearables::NewRecord;
use wearables::records::{self, Known};

use crate::mapping;
use crate::method::Method;
use crate::record::{Head, Header};

/// Something that was sent and is not kept, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// What its writer calls the record.
    pub id: Option<String>,
    pub why: String,
    /// The record as it was sent; none when the record itself is kept.
    pub body: Option<String>,
}

/// One record, its head read.
#[derive(Debug)]
pub struct Sent {
    pub header: Header,
    pub body: String,
}

/// A body, its records' heads read.
#[derive(Debug, Default)]
pub struct Heads {
    pub sent: Vec<Sent>,
    pub bad: Vec<Bad>,
}

/// What is left to do about a body.
#[derive(Debug, Default)]
pub struct Batch {
    pub new: Vec<NewRecord>,
    /// Records that were there already, or in a newer version.
    pub same: usize,
    /// Records that are not kept.
    pub skipped: Vec<Bad>,
    /// What of the records that are kept cannot be read.
    pub left_out: Vec<Bad>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

/// The records of a body, one or a list of them. 400 when there is nothing of the kind, 413 when there are more than that.
pub fn records_of(body: &[u8], most: usize) -> Result<Vec<&str>> {
    let nothing = || Error::malformed("no data provided");
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(nothing());
    }
    wearables::bounds::at_most(body, "data", most)?;
    let body: Body<'_> = serde_json::from_slice(body).map_err(|_| Error::malformed("the body is not JSON"))?;
    let data = body.data.ok_or_else(nothing)?.get();
    match data.as_bytes().first() {
        Some(b'{') => Ok(vec![data]),
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(data).map_err(Error::internal)?;
            Ok(list.into_iter().map(RawValue::get).collect())
        }
        _ => Err(nothing()),
    }
}

/// Where the records of a body stand in it, in pieces that are taken in one after the other, each in one transaction.
pub fn pieces(body: &[u8]) -> Result<Vec<Vec<Range<usize>>>> {
    let mut pieces: Vec<Vec<Range<usize>>> = Vec::new();
    let mut size = 0;
    for record in records_of(body, RECORDS)? {
        let begin = record.as_ptr() as usize - body.as_ptr() as usize;
        let place = begin..begin + record.len();
        size += record.len();
        match pieces.last_mut().filter(|piece| piece.len() < PIECE.0 && size <= PIECE.1) {
            Some(piece) => piece.push(place),
            None => {
                size = record.len();
                pieces.push(vec![place]);
            }
        }
    }
    Ok(pieces)
}

/// Records of one body at most: as many as 16 MB hold of the smallest that an app writes.
const RECORDS: usize = 100_000;
/// Records, and bytes, that are taken in at once. While a piece is stored, everybody's writes wait on SQLite: a record took
/// 50 to 70 µs there, and a thousand samples of one record 3 ms (`cargo test --release -p hcgateway -- --ignored
/// how_long_a_sync_takes --nocapture`).
const PIECE: (usize, usize) = (1000, 1024 * 1024);

/// Values of one record, which is taken in whole: a day of heart rate has 170,000.
const VALUES: usize = 250_000;

/// Reads the heads of a piece's records. `vault` names those that their writer gave no name.
pub fn heads(
    method: &Method,
    (body, piece): (&[u8], &[Range<usize>]),
    (vault, patient): (&Vault, PatientId),
    now: DateTime<Utc>,
) -> Result<Heads> {
    let mut heads = Heads::default();
    for place in piece {
        let record = std::str::from_utf8(&body[place.clone()]).map_err(Error::internal)?;
        if record.len() > PIECE.1 && wearables::bounds::commas(record.as_bytes()) > VALUES {
            let why = format!("has more than {VALUES} values");
            heads.bad.push(Bad { id: None, why, body: Some(record.to_owned()) });
            continue;
        }
        let unnamed = || hex(&records::digest(vault, patient, method.as_str(), record));
        let head = Head::read(record, now).map_err(|why| (None, why));
        let head = head.and_then(|head| kept(method, head, unnamed, now));
        match head {
            Ok(header) => heads.sent.push(Sent { header, body: record.to_owned() }),
            Err((id, why)) => heads.bad.push(Bad { id, why, body: Some(record.to_owned()) }),
        }
    }
    Ok(heads)
}

/// The head of a record that can be kept. One that says numbers has to say of which record and of when they are; all else
/// is kept as it comes.
fn kept(
    method: &Method,
    head: Head,
    unnamed: impl FnOnce() -> String,
    now: DateTime<Utc>,
) -> Result<Header, (Option<String>, String)> {
    let measures = mapping::measures(method.as_str());
    let Head { id, app, time, version, is_manual } = head;
    let (from, to) = match time {
        Some(time) => time,
        None if measures => return Err((id, "has neither a time nor a startTime".to_owned())),
        None => (now, now),
    };
    let id = match id {
        Some(id) => id,
        None if measures => return Err((None, "has no metadata.id".to_owned())),
        None => unnamed(),
    };
    Ok(Header { id, app, from, to, version, is_manual })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sorts records by what is known of them, and reads the numbers of those that are new.
pub fn sort(
    method: &Method,
    heads: Heads,
    known: &HashMap<String, Known>,
    (vault, patient): (&Vault, PatientId),
    now: DateTime<Utc>,
) -> Batch {
    let mut batch = Batch { skipped: heads.bad, ..Batch::default() };
    for Sent { header, body } in heads.sent {
        let known = known.get(&header.id);
        let version = header.version.or(known.map(|known| known.version)).unwrap_or_default();
        let there = known.is_some_and(|known| {
            known.version > version || known.digest == records::digest(vault, patient, method.as_str(), &body)
        });
        match there {
            true => batch.same += 1,
            false => add(&mut batch, method, (header, version), body, now),
        }
    }
    batch
}

fn add(batch: &mut Batch, method: &Method, (header, version): (Header, i64), body: String, now: DateTime<Utc>) {
    let id = Some(header.id.clone());
    let record: Value = match serde_json::from_str(&body) {
        Ok(record) => record,
        Err(error) => return batch.skipped.push(Bad { id, why: error.to_string(), body: Some(body) }),
    };
    let reading = mapping::read(method.as_str(), (&header, version), &record, now);
    let whys = reading.left_out.iter().map(|(member, why)| format!("{member} {why}"));
    if reading.points.is_empty() && !reading.left_out.is_empty() {
        let why = whys.take(FEW).collect::<Vec<_>>().join("; ");
        return batch.skipped.push(Bad { id, why, body: Some(body) });
    }
    batch.left_out.extend(whys.map(|why| Bad { id: id.clone(), why, body: None }));
    let Header { id, app, from, to, .. } = header;
    let kind = method.as_str().to_owned();
    batch.new.push(NewRecord { id, kind, app, from, to, version, body, points: reading.points });
}

/// Reasons given for one record that is not kept.
const FEW: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_or_a_list_of_them() {
        let records_of = |body: &'static [u8]| records_of(body, 10);
        assert_eq!(records_of(br#"{"data": {"a": [1, 2]}}"#).unwrap(), [r#"{"a": [1, 2]}"#]);
        assert_eq!(records_of(br#"{"data": [{}, 7, {"b": "]"}], "x": 1}"#).unwrap(), ["{}", "7", r#"{"b": "]"}"#]);
        assert!(records_of(br#"{"data": []}"#).unwrap().is_empty());
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        for body in ["", " ", "{}", r#"{"data": null}"#, r#"{"data": "x"}"#, r#"{"data": 7}"#] {
            let refused = records_of(body.as_bytes(), 10).unwrap_err();
            assert_eq!((refused.status().as_u16(), refused.detail()), (400, "no data provided"), "{body}");
        }
        for body in ["{", "[]", r#"{"data": ["#, "\u{feff}{}"] {
            assert_eq!(records_of(body.as_bytes(), 10).unwrap_err().status(), 400, "{body}");
        }
    }

    #[test]
    fn a_long_list_is_taken_in_pieces_which_leave_nothing_out() {
        let body = |records: &[String]| format!("{{\"data\": [{}]}}", records.join(", "));
        let (small, large) = ("{}".to_owned(), format!("{{\"a\": \"{}\"}}", "x".repeat(600_000)));
        let sizes = |records: &[String]| -> Vec<usize> {
            let body = body(records);
            let pieces = pieces(body.as_bytes()).unwrap();
            let read: Vec<&str> = pieces.iter().flatten().map(|place| &body[place.clone()]).collect();
            assert_eq!(read, records);
            pieces.iter().map(Vec::len).collect()
        };
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&vec![small.clone(); 2500]), [1000, 1000, 500]);
        assert_eq!(sizes(&[small.clone(), large.clone(), large.clone(), small, large]), [2, 2, 1]);
        assert_eq!(pieces(body(&vec!["0".to_owned(); RECORDS + 1]).as_bytes()).unwrap_err().status(), 413);
    }
}
