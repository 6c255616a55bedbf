//! The ZIP around the parts, without a byte of them in memory: headers are made from what is known of each.
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use kernel::{Error, Result};
use uuid::Uuid;
use vault::{PatientKey, Row};

use crate::queries::exports::Part;

/// A place in an archive: the export, the part, the chunk.
pub type Place = (Uuid, i64, i64);

/// What a chunk is bound to: moved to another place, it does not open.
pub fn bound((export, number, place): Place) -> (String, Uuid) {
    (format!("export_chunks/{number}/{place}"), export)
}

pub fn seal(key: &PatientKey, place: Place, packed: &[u8]) -> Result<Vec<u8>> {
    let (table, id) = bound(place);
    key.seal(Row { table: &table, id }, packed)
}

pub fn open(key: &PatientKey, place: Place, sealed: &[u8]) -> Result<Vec<u8>> {
    let (table, id) = bound(place);
    key.open(Row { table: &table, id }, sealed)
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 2.0 of the format; names in UTF-8; packed by deflate.
const NEEDED: u16 = 20;
const UTF_8: u16 = 1 << 11;
const DEFLATE: u16 = 8;
/// Made on Unix; a plain file that its owner alone may read.
const MADE_BY: u16 = 3 << 8 | NEEDED;
const MODE: u32 = 0o100_600 << 16;

/// Bytes of the fixed parts.
const LOCAL_SIZE: usize = 30;
const CENTRAL_SIZE: usize = 46;
const END_SIZE: usize = 22;

#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn two(mut self, values: &[u16]) -> Self {
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
        self
    }
    fn four(mut self, values: &[u32]) -> Self {
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
        self
    }
    fn text(mut self, text: &str) -> Self {
        self.0.extend(text.as_bytes());
        self
    }
}

/// A part's numbers in the width of the format; nothing is written when one does not fit.
struct Sizes {
    checksum: u32,
    packed: u32,
    plain: u32,
    name: u16,
}

impl Sizes {
    fn of(part: &Part) -> Result<Self> {
        let wide = |value: i64| u32::try_from(value).map_err(|_| too_large());
        Ok(Self {
            checksum: wide(part.checksum)?,
            packed: wide(part.packed_size)?,
            plain: wide(part.plain_size)?,
            name: u16::try_from(part.name.len()).map_err(|_| too_large())?,
        })
    }
}

fn too_large() -> Error {
    Error::unprocessable("the export is larger than 4 GiB: ask the operator for it")
}

/// Day and time as the format keeps them: from 1980 on, every other second.
fn stamp(at: DateTime<Utc>) -> (u16, u16) {
    let year = (at.year().clamp(1980, 2107) - 1980) as u16;
    let day = year << 9 | (at.month() as u16) << 5 | at.day() as u16;
    let time = (at.hour() as u16) << 11 | (at.minute() as u16) << 5 | (at.second() / 2) as u16;
    (time, day)
}

/// What comes before a part.
pub fn local_header(part: &Part) -> Result<Vec<u8>> {
    let (sizes, (time, day)) = (Sizes::of(part)?, stamp(part.written_at));
    let header = Bytes::default().four(&[LOCAL]).two(&[NEEDED, UTF_8, DEFLATE, time, day]);
    let header = header.four(&[sizes.checksum, sizes.packed, sizes.plain]).two(&[sizes.name, 0]);
    Ok(header.text(&part.name).0)
}

/// What comes after all parts: where each of them is.
pub fn directory(parts: &[Part]) -> Result<Vec<u8>> {
    let (mut all, mut offset) = (Bytes::default(), 0i64);
    for part in parts {
        let (sizes, (time, day)) = (Sizes::of(part)?, stamp(part.written_at));
        let at = u32::try_from(offset).map_err(|_| too_large())?;
        all = all.four(&[CENTRAL]).two(&[MADE_BY, NEEDED, UTF_8, DEFLATE, time, day]);
        all = all.four(&[sizes.checksum, sizes.packed, sizes.plain]).two(&[sizes.name, 0, 0, 0, 0]);
        all = all.four(&[MODE, at]).text(&part.name);
        offset += (LOCAL_SIZE + part.name.len()) as i64 + part.packed_size;
    }
    let wide = |value: usize| u32::try_from(value).map_err(|_| too_large());
    let (count, size) = (u16::try_from(parts.len()).map_err(|_| too_large())?, wide(all.0.len())?);
    let start = u32::try_from(offset).map_err(|_| too_large())?;
    Ok(all.four(&[END]).two(&[0, 0, count, count]).four(&[size, start]).two(&[0]).0)
}

/// The size of the whole file. 422 for one that the format cannot hold.
pub fn size(parts: &[Part]) -> Result<i64> {
    directory(parts)?;
    let each = |part: &Part| (LOCAL_SIZE + CENTRAL_SIZE + 2 * part.name.len()) as i64 + part.packed_size;
    Ok(parts.iter().map(each).sum::<i64>() + END_SIZE as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, packed_size: i64) -> Part {
        let written_at = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        Part { number: 0, name: name.to_owned(), checksum: 7, plain_size: 9, packed_size, chunks: 1, written_at }
    }

    #[test]
    fn the_size_is_that_of_what_is_sent() {
        let parts = [part("README.txt", 100), part("vitals/2026-11.ndjson", 2000)];
        let headers: usize = parts.iter().map(|part| local_header(part).expect("a header").len()).sum();
        let directory = directory(&parts).expect("a directory").len();
        assert_eq!(size(&parts).expect("a size"), (headers + directory) as i64 + 2100);
    }

    #[test]
    fn what_the_format_cannot_hold_is_refused() {
        let large = i64::from(u32::MAX) - 100;
        assert!(size(&[part("a", large)]).is_ok());
        assert!(size(&[part("a", large + 200)]).is_err());
        assert!(size(&[part("a", large), part("b", 100)]).is_err());
    }
}
