//! `cargo +nightly fuzz run typed_json --features libfuzzer`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wow_fuzz::typed_json::run(data));
