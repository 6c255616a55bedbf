//! Heads, readings, newest values and shelves: bytes of any kind are an error or one of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| signals::fuzzing::rows(bytes));
