#![no_main]

libfuzzer_sys::fuzz_target!(|layers: Vec<mly_fuzz::mvt::Layer>| mly_fuzz::mvt::write(&layers));
