//! The fuzzer's shell around [`fuzz_bodies::mapping`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz_bodies::mapping(bytes));
