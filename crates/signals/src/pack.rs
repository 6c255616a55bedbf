//! Series packed for sealing: a format number, then the compressed columns of each series.
use std::cell::RefCell;
use std::collections::BTreeMap;

use kernel::{Error, Result};
use uuid::Uuid;
use zstd::bulk::{Compressor, Decompressor};

use crate::point::Entry;
use crate::varint::{Damaged, Reader, write_unsigned};
use crate::{Metric, columns};

/// The format written today. A reader knows every format ever written.
const FORMAT: u8 = 1;
/// Level 1 packs a chunk in a fifth of the time of level 3 and a few per cent larger.
const LEVEL: i32 = 1;
/// What a pack holds at most, so that a reader knows what it may take: 8,192 entries of 70 bytes at worst.
const PLAIN: usize = 1 << 20;
/// Entries in one pack at most.
pub const ENTRIES: usize = 8_192;

/// Series of one patient, each settled.
pub type Series = BTreeMap<Metric, Vec<Entry>>;

thread_local! {
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The columns of all series, one after another. The same entries always give the same bytes.
pub fn lay_out(series: &Series) -> Vec<u8> {
    let mut sources: Vec<Uuid> = Vec::new();
    for entry in series.values().flatten() {
        if sources.last() != Some(&entry.source) && !sources.contains(&entry.source) {
            sources.push(entry.source);
        }
    }
    let entries: usize = series.values().map(Vec::len).sum();
    let mut out = Vec::with_capacity(64 + 6 * entries);
    write_unsigned(&mut out, sources.len() as u64);
    sources.iter().for_each(|source| out.extend_from_slice(source.as_bytes()));
    write_unsigned(&mut out, series.len() as u64);
    for (metric, entries) in series {
        write_unsigned(&mut out, u64::from(metric.code()));
        write_unsigned(&mut out, entries.len() as u64);
        columns::write(&mut out, entries, &sources);
    }
    out
}

/// Compresses what is to be sealed, and puts the format's number before it.
pub fn press(plain: &[u8]) -> Result<Vec<u8>> {
    if plain.len() > PLAIN {
        return Err(Error::internal("too many points for one pack"));
    }
    let mut out = Vec::with_capacity(1 + zstd::zstd_safe::compress_bound(plain.len()));
    PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            None => packer.insert(Compressor::new(LEVEL).map_err(Error::internal)?),
        };
        let packed = packer.compress(plain).map_err(Error::internal)?;
        out.push(FORMAT);
        out.extend_from_slice(&packed);
        Ok(out)
    })
}

/// Reads a pack.
pub fn unpack(packed: &[u8]) -> Result<Series, Damaged> {
    take_apart(&unpress(packed)?)
}

/// The bytes that [`press`] was given. Whatever these are, it takes no more memory than a pack can need.
pub fn unpress(packed: &[u8]) -> Result<Vec<u8>, Damaged> {
    let body = match packed.split_first() {
        Some((&FORMAT, body)) => body,
        _ => return Err(Damaged),
    };
    UNPACKER.with_borrow_mut(|unpacker| {
        let unpacker = match unpacker {
            Some(unpacker) => unpacker,
            None => unpacker.insert(Decompressor::new().map_err(|_| Damaged)?),
        };
        unpacker.decompress(body, PLAIN).map_err(|_| Damaged)
    })
}

pub fn take_apart(plain: &[u8]) -> Result<Series, Damaged> {
    let mut reader = Reader::new(plain);
    let sources = reader.count()?;
    let sources: Vec<Uuid> = (0..sources).map(|_| reader.bytes().map(Uuid::from_bytes)).collect::<Result<_, _>>()?;
    let (mut series, mut entries) = (Series::new(), 0);
    for _ in 0..reader.count()? {
        let code = u16::try_from(reader.unsigned()?).map_err(|_| Damaged)?;
        let count = reader.count()?;
        entries += count;
        if entries > ENTRIES {
            return Err(Damaged);
        }
        let read = columns::read(&mut reader, count, &sources)?;
        let metric = Metric::from_code(code).ok_or(Damaged)?;
        if series.insert(metric, read).is_some() {
            return Err(Damaged);
        }
    }
    if reader.left() > 0 { Err(Damaged) } else { Ok(series) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::point::settle;

    fn an_entry() -> impl Strategy<Value = Entry> {
        let whole = (-2_208_988_800i64..7_258_118_400, 0i64..100_000).prop_map(|(s, l)| (s * 1_000_000, l * 1_000_000));
        let fine = (-2_208_988_800_000_000i64..7_258_118_400_000_000, 0i64..90_000_000_000);
        let time = prop_oneof![4 => (0i64..2_000, 0i64..3).prop_map(|(m, l)| (m * 60_000_000, l * 900_000_000)), 1 => whole, 1 => fine];
        let value = prop_oneof![
            6 => (40i64..200).prop_map(|v| Some(v as f64)),
            2 => (0i64..1_000_000).prop_map(|v| Some(v as f64 / 100.0)),
            1 => any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(Some),
            1 => Just(None),
        ];
        let version = prop_oneof![3 => Just(0i64), 1 => any::<i64>()];
        let quality = prop_oneof![5 => Just(0u8), 1 => any::<u8>()];
        (time, 0u128..4, value, version, quality).prop_map(|((from, length), source, value, version, quality)| Entry {
            from,
            to: from + length,
            source: Uuid::from_u128(source),
            value,
            version,
            quality,
        })
    }

    fn some_series() -> impl Strategy<Value = Series> {
        let metric = proptest::sample::select(Metric::ALL);
        proptest::collection::btree_map(metric, proptest::collection::vec(an_entry(), 1..200), 0..4).prop_map(
            |mut all| {
                all.values_mut().for_each(settle);
                all
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(series in some_series()) {
            let plain = lay_out(&series);
            prop_assert_eq!(&plain, &lay_out(&series));
            let read = unpack(&press(&plain).expect("pressed")).expect("what was packed");
            prop_assert_eq!(read, series);
        }

        #[test]
        fn bytes_of_any_kind_are_an_error_or_a_series(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = take_apart(&bytes);
            let _ = unpack(&bytes);
            let packed = press(&bytes).expect("pressed");
            let _ = unpack(&packed);
        }

        #[test]
        fn a_pack_that_was_damaged_is_an_error_or_a_series(
            series in some_series(),
            hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut plain = lay_out(&series);
            for (at, byte) in &hits {
                let at = at.index(plain.len());
                plain[at] = *byte;
            }
            if let Ok(read) = take_apart(&plain) {
                // Whatever can be read can be written and is then the same.
                prop_assert_eq!(take_apart(&lay_out(&read)).expect("what was written"), read);
            }
        }
    }

    #[test]
    fn a_pack_that_says_it_is_huge_takes_no_memory() {
        let bomb = zstd::bulk::compress(&vec![0u8; 64 << 20], 1).expect("compressed");
        assert!(bomb.len() < 10_000);
        assert_eq!(unpack(&[&[FORMAT][..], &bomb].concat()), Err(Damaged));
        // Sources, series and entries beyond the bytes that are there.
        for plain in [vec![0xff, 0xff, 0xff, 0xff, 0x7f], vec![0, 0xff, 0xff, 0x7f], vec![0, 1, 1, 0xff, 0xff, 0x7f]] {
            assert_eq!(take_apart(&plain), Err(Damaged));
        }
        assert_eq!(unpack(&[FORMAT + 1, 1, 2, 3]), Err(Damaged), "a format of the future");
    }

    #[test]
    fn a_minute_of_steady_heart_rate_takes_less_than_a_byte_and_a_half() {
        let mut rate = 70.0;
        let entry = |minute: i64| {
            // A walk of small steps, as a heart at rest.
            rate += [0.0, 1.0, -1.0, 2.0, 0.0, -2.0, 1.0, -1.0][(minute * 7 % 11 * (minute % 5)) as usize % 8];
            let from = 1_790_000_000_000_000 + minute * 60_000_000;
            Entry { from, to: from, source: Uuid::from_u128(7), value: Some(rate), version: 0, quality: 0 }
        };
        let series = Series::from([(Metric::HeartRate, (0..1_000).map(entry).collect())]);
        let packed = press(&lay_out(&series)).expect("pressed");
        assert!(packed.len() < 1_500, "{} bytes for 1,000 points", packed.len());
    }
}
