#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mly_fuzz::rows::read(mly::sink::Format::FlatGeobuf, bytes));
