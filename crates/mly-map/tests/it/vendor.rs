//! Files from others are what their checksums say, and stand in the page without ending it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use ring::digest::{SHA256, digest};

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new("assets").join(format!("{name}.gz"));
    let mut bytes = Vec::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn sums() -> BTreeMap<String, String> {
    let list = std::fs::read_to_string("assets/SHA256SUMS").unwrap();
    let pair = |line: &str| line.split_once("  ").map(|(sum, name)| (name.to_owned(), sum.to_owned()));
    list.lines().filter_map(pair).collect()
}

#[test]
fn every_packed_file_has_its_checksum_and_a_licence() {
    let sums = sums();
    let packed: Vec<_> = std::fs::read_dir("assets").unwrap().map(|entry| entry.unwrap().path()).collect();
    let names = packed.iter().filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".gz"));
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    assert_eq!(names, sums.keys().map(String::as_str).collect::<Vec<_>>());
    for (name, sum) in &sums {
        let bytes = |sum: &str| -> Vec<u8> {
            let digits = sum.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
            digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
        };
        assert_eq!(digest(&SHA256, &unpacked(name)).as_ref(), bytes(sum), "{name}");
        let stem = name.split('.').next().unwrap();
        assert!(Path::new("assets").join(format!("{stem}.LICENSE.txt")).exists(), "{name}");
    }
}

#[test]
fn no_file_ends_the_script_or_the_style_that_it_is_put_into() {
    for name in sums().keys() {
        let text = String::from_utf8(unpacked(name)).unwrap().to_lowercase();
        // Browsers take these for line ends, which would change the hash of a script.
        assert!(!text.contains(['\r', '\0']), "{name}");
        assert!(!["</script", "</style", "<!--"].iter().any(|end| text.contains(end)), "{name}");
    }
    let maplibre = String::from_utf8(unpacked("maplibre-gl.js")).unwrap();
    assert!(maplibre.is_ascii());
    assert!(maplibre.contains("blob/v5.24.1/LICENSE.txt") && !maplibre.contains("sourceMappingURL"));
}

#[test]
fn the_scripts_of_the_page_ask_for_nothing_themselves() {
    for entry in std::fs::read_dir("assets/page").unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        // With the wrong encoding, which servers may name, a script beyond ASCII would not have its hash.
        assert!(text.is_ascii());
        for word in ["fetch(", "XMLHttpRequest", "innerHTML", "insertAdjacentHTML", "eval(", "document.write"]
        {
            assert!(!text.contains(word), "{word}");
        }
    }
}
