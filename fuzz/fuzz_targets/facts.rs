//! The fuzzer's shell around [`fuzz_bodies::facts`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::facts(bytes));
