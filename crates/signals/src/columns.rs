//! The entries of one series as columns of small numbers, and back; what is read was written by us or is refused.
use uuid::Uuid;

use crate::point::Entry;
use crate::varint::{Damaged, Reader, read_runs, write_runs, write_signed};

/// Times are counted in the coarsest of these (microseconds each) that leaves nothing over.
const UNITS: [i64; 4] = [60_000_000, 1_000_000, 1_000, 1];
/// Values are kept as whole numbers when none has more decimals than this.
const DECIMALS: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];
/// The mode of a column of values that are not whole numbers at any of these.
const BITS: u8 = 255;
/// Whole numbers that a double holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Appends the entries' columns. They are settled, and their sources stand in `sources`.
pub fn write(out: &mut Vec<u8>, entries: &[Entry], sources: &[Uuid]) {
    write_times(out, entries);
    write_values(out, entries);
    write_runs(out, entries.iter().map(|e| u64::from(e.value.is_none())));
    let place = |source: Uuid| sources.iter().position(|known| *known == source).unwrap_or_default() as u64;
    let mut last = (Uuid::nil(), u64::MAX);
    write_runs(
        out,
        entries.iter().map(|e| {
            if last.1 == u64::MAX || last.0 != e.source {
                last = (e.source, place(e.source));
            }
            last.1
        }),
    );
    write_runs(out, entries.iter().map(|e| u64::from(e.quality)));
    let mut before = 0i64;
    write_runs(
        out,
        entries.iter().map(|e| {
            let delta = zigzag(e.version.wrapping_sub(before));
            before = e.version;
            delta
        }),
    );
}

/// Reads `count` entries back.
pub fn read(reader: &mut Reader<'_>, count: usize, sources: &[Uuid]) -> Result<Vec<Entry>, Damaged> {
    // Each entry has a byte of time at least: whoever says there are more is not given the memory for them.
    if count > reader.left() {
        return Err(Damaged);
    }
    let mut entries = read_times(reader, count)?;
    read_values(reader, &mut entries)?;
    read_runs(reader, count, |at, gone| {
        if gone > 1 {
            return Err(Damaged);
        }
        if gone == 1 {
            entries[at].value = None;
        }
        Ok(())
    })?;
    read_runs(reader, count, |at, place| {
        entries[at].source = *sources.get(usize::try_from(place).map_err(|_| Damaged)?).ok_or(Damaged)?;
        Ok(())
    })?;
    read_runs(reader, count, |at, quality| {
        entries[at].quality = u8::try_from(quality).map_err(|_| Damaged)?;
        Ok(())
    })?;
    let mut version = 0i64;
    read_runs(reader, count, |at, delta| {
        version = version.wrapping_add(unzigzag(delta));
        entries[at].version = version;
        Ok(())
    })?;
    match entries.is_sorted_by(|a, b| a.identity() < b.identity()) {
        true => Ok(entries),
        false => Err(Damaged),
    }
}

fn write_times(out: &mut Vec<u8>, entries: &[Entry]) {
    let whole = |unit: &i64| entries.iter().all(|e| e.from % unit == 0 && e.to % unit == 0);
    let place = UNITS.iter().position(whole).unwrap_or(UNITS.len() - 1);
    let unit = UNITS[place];
    out.push(place as u8);
    let (mut before, mut step) = (0i64, 0i64);
    for entry in entries {
        let from = entry.from / unit;
        let next = from.wrapping_sub(before);
        write_signed(out, next.wrapping_sub(step));
        (before, step) = (from, next);
    }
    write_runs(out, entries.iter().map(|e| zigzag((e.to / unit).wrapping_sub(e.from / unit))));
}

fn read_times(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Entry>, Damaged> {
    let unit = *UNITS.get(usize::from(reader.byte()?)).ok_or(Damaged)?;
    let (mut before, mut step) = (0i64, 0i64);
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        step = step.wrapping_add(reader.signed()?);
        before = before.wrapping_add(step);
        let from = before.checked_mul(unit).ok_or(Damaged)?;
        entries.push(Entry { from, to: from, source: Uuid::nil(), value: Some(0.0), version: 0, quality: 0 });
    }
    read_runs(reader, count, |at, length| {
        let length = unzigzag(length).checked_mul(unit).ok_or(Damaged)?;
        entries[at].to = entries[at].from.checked_add(length).ok_or(Damaged)?;
        Ok(())
    })?;
    Ok(entries)
}

/// The least number of decimals with which every value is a whole number, and is itself again when read back.
fn decimals(entries: &[Entry]) -> Option<usize> {
    let mut place = 0;
    for value in entries.iter().filter_map(|e| e.value) {
        while place < DECIMALS.len() && !is_whole(value, DECIMALS[place]) {
            place += 1;
        }
    }
    // What is whole with two decimals need not be with three: 0.07 · 1000 is not 70 to the last bit everywhere.
    let all = |place: usize| entries.iter().filter_map(|e| e.value).all(|v| is_whole(v, DECIMALS[place]));
    (place..DECIMALS.len()).find(|place| all(*place))
}

fn is_whole(value: f64, scale: f64) -> bool {
    let whole = (value * scale).round();
    whole.abs() < EXACT && (whole as i64 as f64 / scale).to_bits() == value.to_bits()
}

fn write_values(out: &mut Vec<u8>, entries: &[Entry]) {
    let Some(place) = decimals(entries) else {
        out.push(BITS);
        let values = entries.iter().map(|e| e.value.unwrap_or_default());
        return values.for_each(|value| out.extend_from_slice(&value.to_bits().to_le_bytes()));
    };
    out.push(place as u8);
    let mut before = 0i64;
    for entry in entries {
        let whole = entry.value.map_or(before, |value| (value * DECIMALS[place]).round() as i64);
        write_signed(out, whole.wrapping_sub(before));
        before = whole;
    }
}

fn read_values(reader: &mut Reader<'_>, entries: &mut [Entry]) -> Result<(), Damaged> {
    let mode = reader.byte()?;
    if mode == BITS {
        for entry in entries {
            let value = f64::from_bits(u64::from_le_bytes(reader.bytes()?));
            entry.value = Some(Some(value).filter(|value| value.is_finite()).ok_or(Damaged)?);
        }
        return Ok(());
    }
    let scale = *DECIMALS.get(usize::from(mode)).ok_or(Damaged)?;
    let mut whole = 0i64;
    for entry in entries {
        whole = whole.wrapping_add(reader.signed()?);
        entry.value = Some(whole as f64 / scale);
    }
    Ok(())
}

pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_many_digits_comes_back_to_the_last_bit() {
        let values = [0.07, 97.3, 1.0 / 3.0, -0.0, 1e300, f64::MIN_POSITIVE, 123456.789];
        let entry = |(at, value): (usize, f64)| Entry {
            from: at as i64,
            to: at as i64,
            source: Uuid::nil(),
            value: Some(value),
            version: 0,
            quality: 0,
        };
        for some in [&values[..], &values[..2], &values[3..4]] {
            let entries: Vec<Entry> = some.iter().copied().enumerate().map(entry).collect();
            let mut out = Vec::new();
            write(&mut out, &entries, &[Uuid::nil()]);
            let read = read(&mut Reader::new(&out), entries.len(), &[Uuid::nil()]).expect("what was written");
            let bits = |entries: &[Entry]| entries.iter().map(|e| e.value.map(f64::to_bits)).collect::<Vec<_>>();
            assert_eq!(bits(&read), bits(&entries));
        }
    }
}
