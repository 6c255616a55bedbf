//! Small numbers in few bytes, and runs of equal ones; a reader that never reads past its end.
use thiserror::Error;

use crate::columns::{unzigzag, zigzag};

/// What was read cannot have been written by this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a stored signal is damaged")]
pub struct Damaged;

pub fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn write_signed(out: &mut Vec<u8>, value: i64) {
    write_unsigned(out, zigzag(value));
}

/// Each run as its value and its length. The lengths add up to the number of entries, so that none is written twice.
pub fn write_runs(out: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    let (mut value, mut length) = (0, 0u64);
    for next in values {
        if length > 0 && next != value {
            write_unsigned(out, value);
            write_unsigned(out, length);
            length = 0;
        }
        value = next;
        length += 1;
    }
    if length > 0 {
        write_unsigned(out, value);
        write_unsigned(out, length);
    }
}

/// Calls `each` with the place and the value of every entry.
pub fn read_runs(
    reader: &mut Reader<'_>,
    count: usize,
    mut each: impl FnMut(usize, u64) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut at = 0;
    while at < count {
        let (value, length) = (reader.unsigned()?, reader.unsigned()?);
        let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length)).ok_or(Damaged)?;
        if end == at || end > count {
            return Err(Damaged);
        }
        (at..end).try_for_each(|at| each(at, value))?;
        at = end;
    }
    Ok(())
}

/// Reads from the front of some bytes.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    pub fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.0.split_first().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    pub fn unsigned(&mut self) -> Result<u64, Damaged> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit.
            if shift == 63 && bits > 1 {
                return Err(Damaged);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged)
    }

    pub fn signed(&mut self) -> Result<i64, Damaged> {
        self.unsigned().map(unzigzag)
    }

    /// A number of things that take a byte each at least.
    pub fn count(&mut self) -> Result<usize, Damaged> {
        let count = usize::try_from(self.unsigned()?).map_err(|_| Damaged)?;
        if count > self.left() { Err(Damaged) } else { Ok(count) }
    }
}
