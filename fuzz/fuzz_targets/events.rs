//! The fuzzer's shell around [`fuzz_bodies::events`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::events(bytes));
