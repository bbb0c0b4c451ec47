//! `mly download` and `mly cloud`: files into a folder, and a list of what could not be had.

use std::fs;
use std::path::Path;

use mly_emulator::{Endpoint, Fault};
use serde_json::Value as Json;

use crate::graph::get;
use crate::lookup::{NOBODY, ids, still};
use crate::support::{Mly, mly, names_in, own_demo};

/// Every file below a folder that is not hidden, by its path in it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in names_in(folder).into_iter().filter(|name| !name.starts_with('.')) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|below| format!("{name}/{below}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

/// Where photos belong: `SEQUENCE/ID.jpg`.
fn places(ids: &[String]) -> Vec<String> {
    let place = |id: &String| {
        let image = get(still(), &format!("/{id}?fields=sequence"));
        format!("{}/{id}.jpg", image["sequence"].as_str().unwrap())
    };
    let mut places: Vec<_> = ids.iter().map(place).collect();
    places.sort();
    places
}

fn to(command: Mly, folder: &Path) -> Mly {
    command.arg("--to").arg(folder)
}

#[test]
fn a_table_of_image_ids_alone_is_downloaded() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ids("images", 3);
    let (list, photos) = (folder.path().join("list.csv"), folder.path().join("photos"));
    fs::write(&list, format!("image_id,note\n{}\n", ids.join(",x\n") + ",y")).unwrap();
    to(mly("download --size 256").arg(&list), &photos).at(still()).done();
    assert_eq!(files(&photos), places(&ids));
}

#[test]
fn photos_by_id_file_or_standard_input_lie_in_folders_of_sequences() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ids("images", 6);
    let list = folder.path().join("list.csv");
    fs::write(&list, format!("id,x\n{},1\n{},2\n", ids[2], ids[3])).unwrap();
    let photos = folder.path().join("photos");
    let command = mly(&format!("download {},{} -", ids[0], ids[1])).arg(&list);
    let outcome = to(command, &photos).input(format!("{}\r\n\n{}\n", ids[4], ids[5])).at(still()).done();
    assert_eq!(files(&photos), places(&ids));
    assert!(outcome.err.starts_with("6 photos from ") && outcome.out.is_empty(), "{}", outcome.err);
    assert!(outcome.err.ends_with(&format!(" -> {}\n", photos.display())), "{}", outcome.err);
    for place in files(&photos) {
        assert!(fs::read(photos.join(place)).unwrap().starts_with(&[0xff, 0xd8]));
    }
    assert_eq!(names_in(folder.path()), ["list.csv", "photos"]);
}

#[test]
fn what_is_there_already_is_not_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ids("images", 3);
    let emulator = own_demo();
    to(mly(&format!("download {}", ids[0])), folder.path()).at(&emulator).done();
    let before = emulator.requests().len();
    let outcome = to(mly(&format!("download {}", ids.join(" "))), folder.path()).at(&emulator).done();
    assert!(outcome.err.starts_with("2 photos, 1 already there, from "), "{}", outcome.err);
    let later = &emulator.requests()[before..];
    assert_eq!(later.iter().filter(|seen| seen.kind == Endpoint::Thumbnail).count(), 2);
}

#[test]
fn archives_hold_photos_and_what_is_known_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ids("images", 3);
    let command = mly(&format!("download {} --layout webdataset --size 256", ids.join(" ")));
    to(command, folder.path()).at(still()).done();
    let mut shards = files(folder.path());
    shards.retain(|name| Path::new(name).extension().is_some_and(|e| e == "tar"));
    assert_eq!(shards, ["00000.tar"]);
    let bytes = fs::read(folder.path().join(&shards[0])).unwrap();
    for id in &ids {
        for name in [format!("{id}.jpg"), format!("{id}.json")] {
            assert!(bytes.windows(name.len()).any(|w| w == name.as_bytes()), "{name}");
        }
    }
}

#[test]
fn what_fails_is_named_and_listed_beside_the_folder_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ids = ids("images", 2);
    let photos = folder.path().join("photos/");
    let line = format!("download {} {NOBODY} 7 {}", ids[0], ids[1]);
    let outcome = to(mly(&line), &photos).at(still()).run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
    assert_eq!(files(&photos), places(&ids));
    assert_eq!(names_in(folder.path()), ["photos", "photos.failed"]);
    let list = folder.path().join("photos.failed");
    let mut failed: Vec<_> = fs::read_to_string(&list).unwrap().lines().map(str::to_owned).collect();
    failed.sort();
    assert_eq!(failed, [NOBODY, "7"]);
    let warning = outcome.err.lines().next().unwrap();
    assert!(
        warning.starts_with("warning: 2 images failed: ") && warning.contains("7 (no image has this id)"),
        "{warning}"
    );
    assert!(warning.ends_with(&format!("all are listed in {}", list.display())), "{warning}");

    assert_eq!(to(mly("download").arg(&list), &photos).at(still()).run().code, 7);
    // Another list says nothing about what these failed with; only a run that asks for them does.
    to(mly(&format!("download {}", ids[0])), &photos).at(still()).done();
    assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 2);
    fs::write(&list, format!("{}\n7\n", ids[1])).unwrap();
    to(mly(&format!("download {}", ids[1])), &photos).at(still()).done();
    assert_eq!(fs::read_to_string(&list).unwrap(), "7\n");
    fs::write(&list, format!("{}\n", ids[1])).unwrap();
    to(mly(&format!("download {}", ids[1])), &photos).at(still()).done();
    assert_eq!(names_in(folder.path()), ["photos"]);
}

#[test]
fn a_photo_that_its_host_does_not_give_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = own_demo();
    emulator.fail(Fault::status(404).on(Endpoint::Thumbnail));
    let photos = folder.path().join("photos");
    let line = format!("download {} --retries 0", ids("images", 1)[0]);
    let outcome = to(mly(&line), &photos).at(&emulator).run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
    assert_eq!(files(&photos), [""; 0]);
    assert_eq!(
        fs::read_to_string(folder.path().join("photos.failed")).unwrap(),
        ids("images", 1)[0].clone() + "\n"
    );
}

#[test]
fn a_folder_of_other_photos_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("download {}", ids("images", 1)[0]);
    to(mly(&format!("{line} --size 256")), folder.path()).at(still()).done();
    let outcome = to(mly(&format!("{line} --size 2048")), folder.path()).at(still()).fails(2);
    assert!(outcome.err.contains("it holds photos of size 256 as files"), "{}", outcome.err);
}

#[test]
fn progress_and_summary_count_images_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let (photos, summary) = (folder.path().join("photos"), folder.path().join("s.json"));
    let command = mly(&format!("download {} --progress always", ids("images", 4).join(" ")));
    let outcome = to(command, &photos).arg("--summary").arg(&summary).at(still()).done();
    assert!(outcome.err.contains("\n4/4 images\n"), "{}", outcome.err);
    let summary: Json = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    assert_eq!((&summary["rows"], &summary["requests"]["files"]), (&Json::from(4), &Json::from(4)));
}

#[test]
fn clouds_are_one_file_a_cluster_in_the_format_asked_for() {
    let ids = ids("images", 4);
    let clusters: std::collections::BTreeSet<_> = ids
        .iter()
        .filter_map(|id| {
            get(still(), &format!("/{id}?fields=sfm_cluster"))["sfm_cluster"]["id"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert!(!clusters.is_empty());
    for (options, extension, head) in [
        ("", "ply", &b"ply\n"[..]),
        ("-f ply --frame wgs84", "ply", b"ply\n"),
        ("-f las", "las", b"LASF"),
        ("-f laz --frame enu", "laz", b"LASF"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let outcome = to(mly(&format!("cloud {options} {}", ids.join(" "))), folder.path()).at(still()).run();
        let want: Vec<_> = clusters.iter().map(|id| format!("{id}.{extension}")).collect();
        assert_eq!(files(folder.path()), want, "{}", outcome.err);
        for name in want {
            assert!(fs::read(folder.path().join(name)).unwrap().starts_with(head), "{options}");
        }
    }
}

#[test]
fn images_without_a_cloud_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let clouds = folder.path().join("clouds");
    let outcome = to(mly(&format!("cloud {NOBODY} {}", ids("images", 1)[0])), &clouds).at(still()).run();
    assert_eq!(outcome.code, 7);
    assert_eq!(fs::read_to_string(folder.path().join("clouds.failed")).unwrap(), format!("{NOBODY}\n"));
    assert!(outcome.err.contains("\n1 cloud from "), "{}", outcome.err);
}
