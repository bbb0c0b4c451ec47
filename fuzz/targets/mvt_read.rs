#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mly_fuzz::mvt::read(bytes));
