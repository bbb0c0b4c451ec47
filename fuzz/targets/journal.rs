#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mly_fuzz::journal::resume(input));
