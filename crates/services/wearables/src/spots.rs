//! A record as it is sealed: its text, and at which spots its points lie, so that they can be taken back.
use std::collections::HashSet;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use signals::{Metric, Point};
use uuid::Uuid;
use vault::{PatientKey, Row};

/// What says which point of a source it is: its metric, and from when to when, in microseconds since 1970.
pub type Spot = (Metric, i64, i64);

/// The sealed form: the metric's code, from when since the spot before, and how long.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    body: &'a str,
    spots: Vec<(u16, i64, i64)>,
}

/// The format written today: deflated postcard after this number.
const FORMAT: u8 = 1;

fn place(id: Uuid) -> Row<'static> {
    Row { table: "wearable_records", id }
}

pub fn seal(key: &PatientKey, id: Uuid, body: &str, points: &[Point]) -> Result<Vec<u8>> {
    let mut before = 0;
    let spot = |point: &Point| {
        let since = point.from.wrapping_sub(before);
        before = point.from;
        (point.metric.code(), since, point.to.wrapping_sub(point.from))
    };
    let kept = Kept { body, spots: points.iter().map(spot).collect() };
    let plain = postcard::to_allocvec(&kept).map_err(Error::internal)?;
    let mut packed = DeflateEncoder::new(vec![FORMAT], Compression::fast());
    packed.write_all(&plain).map_err(Error::internal)?;
    key.seal(place(id), &packed.finish().map_err(Error::internal)?)
}

pub fn open(key: &PatientKey, id: Uuid, sealed: &[u8]) -> Result<(String, Vec<Spot>)> {
    let packed = key.open(place(id), sealed)?;
    let Some((&FORMAT, packed)) = packed.split_first() else {
        return Err(Error::internal("a wearable record has a format this program does not know"));
    };
    let mut plain = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut plain).map_err(Error::internal)?;
    let kept: Kept<'_> = postcard::from_bytes(&plain).map_err(Error::internal)?;
    let mut at = 0i64;
    let spot = |(code, since, length): (u16, i64, i64)| {
        at = at.wrapping_add(since);
        Some((Metric::from_code(code)?, at, at.wrapping_add(length)))
    };
    Ok((kept.body.to_owned(), kept.spots.into_iter().filter_map(spot).collect()))
}

/// Where a point lies.
pub fn of(point: &Point) -> Spot {
    (point.metric, point.from, point.to)
}

/// The spots at which none of these points lies.
pub fn without(spots: Vec<Spot>, points: &[Point]) -> Vec<Spot> {
    let there: HashSet<Spot> = points.iter().map(of).collect();
    spots.into_iter().filter(|spot| !there.contains(spot)).collect()
}

/// Points that take back what lay at these spots.
pub fn taken_back(spots: &[Spot], version: i64) -> Vec<Point> {
    let taken = |&(metric, from, to): &Spot| Point { metric, from, to, value: None, version, quality: <_>::default() };
    spots.iter().map(taken).collect()
}
