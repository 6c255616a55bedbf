//! Chunks and segments: bytes of any kind are an error or series that can be packed and read again; never a panic, never much memory.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| signals::fuzzing::packs(bytes));
