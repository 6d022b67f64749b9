//! The fuzzer's shell around [`fuzz_bodies::policy`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::policy(bytes));
