//! What a fuzzer calls: everything that reads stored bytes, after they were opened. Nothing else calls it.
use crate::head::Head;
use crate::pack::{lay_out, take_apart, unpack};
use crate::varint::{Reader, read_runs, write_runs, write_signed, write_unsigned};
use crate::{Latest, Measured, codec, shelf};

/// Reads the bytes as a pack, and as what a pack holds before it is pressed. What can be read can be written, and is then
/// the same.
pub fn packs(bytes: &[u8]) {
    for series in [unpack(bytes), take_apart(bytes)].into_iter().flatten() {
        let again = take_apart(&lay_out(&series));
        assert!(again.is_ok_and(|again| again == series), "what was read is written otherwise");
    }
}

/// Reads the bytes as numbers until they end, and as runs. What can be read can be written, and is then the same.
pub fn numbers(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    while let Ok(number) = reader.unsigned() {
        let mut out = Vec::new();
        write_unsigned(&mut out, number);
        assert_eq!(Reader::new(&out).unsigned(), Ok(number));
    }
    let mut reader = Reader::new(bytes);
    while let Ok(number) = reader.signed() {
        let mut out = Vec::new();
        write_signed(&mut out, number);
        assert_eq!(Reader::new(&out).signed(), Ok(number));
    }
    let mut reader = Reader::new(bytes);
    // As its callers, which know that an entry takes more than a byte.
    let Ok(count) = reader.count() else { return };
    let mut values = vec![0; count];
    let read = read_runs(&mut reader, count, |at, value| {
        values[at] = value;
        Ok(())
    });
    if read.is_ok() {
        let (mut out, mut again) = (Vec::new(), Vec::with_capacity(count));
        write_runs(&mut out, values.iter().copied());
        let read = read_runs(&mut Reader::new(&out), count, |_, value| {
            again.push(value);
            Ok(())
        });
        assert!(read.is_ok() && again == values, "runs are written otherwise");
    }
}

/// Reads the bytes as each row that is no pack.
pub fn rows(bytes: &[u8]) {
    if let Ok(head) = codec::read::<Head>(bytes) {
        let again = codec::write(&head).and_then(|written| codec::read::<Head>(&written));
        drop(again.expect("what was read can be written"));
    }
    let _ = codec::read::<Latest>(bytes);
    let _ = Measured::read(bytes);
    let _ = shelf::read(bytes);
}
