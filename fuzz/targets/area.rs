#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| mly_fuzz::area::read(text));
