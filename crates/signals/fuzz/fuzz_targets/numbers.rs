//! Numbers and runs of numbers: bytes of any kind are an error or numbers that are written as they were read.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| signals::fuzzing::numbers(bytes));
