//! How results write times and ids, messages as events, help and manual pages.

use std::fs;

use mly::query::earliest_ms;
use mly_emulator::Emulator;
use serde_json::Value;

use crate::support::{Mly, TOWN, mly, own_demo};

fn asked(emulator: &Emulator, options: &str) -> Mly {
    mly(&format!("images {TOWN} --limit 40 {options}")).at(emulator)
}

#[test]
fn times_are_iso_in_text_formats_and_ids_are_text_in_geojson_on_wish() {
    let emulator = own_demo();
    let of = |options: &str| asked(&emulator, options).done().text().to_owned();
    let lines =
        |text: &str| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
    let plain = lines(&of("-f geojsonseq"));
    let formed = lines(&of("-f geojsonseq --times iso --ids text"));
    assert_eq!(plain.len(), 40);
    for (plain, formed) in plain.iter().zip(&formed) {
        let (plain, formed) = (&plain["properties"], &formed["properties"]);
        for id in ["id", "creator_id", "organization_id"] {
            let text = plain.get(id).map(Value::to_string);
            assert_eq!(formed.get(id).map(|id| id.as_str().unwrap().to_owned()), text, "{id}");
        }
        let ms = plain["captured_at"].as_i64().unwrap();
        let iso = formed["captured_at"].as_str().unwrap();
        assert_eq!(iso.len(), "2021-03-04T05:06:07.000Z".len());
        assert_eq!(earliest_ms(iso).unwrap(), ms);
        assert_eq!(plain["sequence_id"], formed["sequence_id"]);
    }
    let [ms, iso] =
        [of("-f csv"), of("-f csv --times iso")].map(|text| text.lines().nth(1).unwrap().to_owned());
    assert!(iso.contains("Z,") && !ms.contains("Z,"), "{iso}");
    assert_eq!(of("-f csv"), of("-f csv --ids text"));
    asked(&emulator, "-f csv --times never").fails(2);
}

#[test]
fn results_with_iso_times_and_ids_as_text_are_read_back() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name).display().to_string();
    asked(&emulator, &format!("-o {} --times iso --ids text", path("a.geojson"))).done();
    asked(&emulator, &format!("-o {}", path("b.geojson"))).done();
    for name in ["a", "b"] {
        let file = path(&format!("{name}.geojson"));
        mly(&format!("convert {file} {} --layer same", path(&format!("{name}.csv")))).fails(2);
        mly(&format!("convert {file} {}", path(&format!("{name}.csv")))).done();
        mly(&format!("convert {file} {} --times iso --ids text", path(&format!("{name}.again.geojson"))))
            .done();
    }
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("a.csv"), read("b.csv"));
    assert!(read("a.again.geojson") == read("b.again.geojson"));
    // Unfinished work in one form is not finished in another, and typed formats do not differ.
    asked(&emulator, &format!("-o {} --times iso", path("a.parquet"))).done();
    asked(&emulator, &format!("-o {}", path("b.parquet"))).done();
    assert!(read("a.parquet") == read("b.parquet"));
}

#[test]
fn events_are_one_object_a_line_and_begin_with_start_and_end_with_done() {
    let emulator = own_demo();
    let done = asked(&emulator, "-f csv --progress json").done();
    let events: Vec<Value> = done.err.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let kinds: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"start"), Some(&"done")), "{kinds:?}");
    assert!(kinds.contains(&"progress"), "{kinds:?}");
    let last = events.last().unwrap();
    assert_eq!((last["rows"].as_u64(), last["output"].is_null()), (Some(40), true));
    assert!(last["message"].as_str().unwrap().starts_with("40 images from "));

    let failed = mly("images --bbox 1,2,3 --progress json").fails(2);
    assert!(failed.err.starts_with("error: "), "the options themselves are wrong: {}", failed.err);
    let failed = mly("image 1 --fields nonsense --progress json").at(&emulator).run();
    for line in failed.err.lines() {
        let event: Value = serde_json::from_str(line).expect(line);
        assert!(
            ["start", "progress", "error", "hint", "warning", "done"]
                .contains(&event["event"].as_str().unwrap()),
            "{line}"
        );
    }
    assert_eq!(asked(&emulator, "-f csv --progress json -q").done().err, "");
}

#[test]
fn help_of_a_verb_is_the_same_by_either_way() {
    for verb in ["images", "convert", "man", "help", "detections"] {
        let by_verb = mly(&format!("help {verb}")).done().text().to_owned();
        assert_eq!(by_verb, mly(&format!("{verb} --help")).done().text().to_owned(), "{verb}");
    }
    let first = mly("").done().text().to_owned();
    assert_eq!(first, mly("help").done().text().to_owned());
    assert_eq!(first, mly("--help").done().text().to_owned());
    assert!(mly("help imges").fails(2).err.contains("did you mean `images`?"));
}

#[test]
fn every_verb_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    mly(&format!("man --to {}", folder.path().join("man").display())).done();
    let mut names: Vec<_> = fs::read_dir(folder.path().join("man"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 20 && names.contains(&"mly-images.1".to_owned()), "{names:?}");
    assert!(!names.contains(&"mly-reference.1".to_owned()));
    let page = mly("man images").done().text().to_owned();
    assert_eq!(page, fs::read_to_string(folder.path().join("man/mly-images.1")).unwrap());
    assert!(page.starts_with(".ie") || page.contains(".TH MLY-IMAGES 1"), "{page}");
    assert!(page.contains("\\-\\-spacing") && mly("man").done().text().to_owned().contains(".TH MLY 1"));
    assert!(mly("man imges").fails(2).err.contains("did you mean `images`?"));
}
