//! Folders that cannot be used, and disks that cannot be written to.

use std::path::Path;

use mly::cloud::Frame;
use mly::{Clouds, Error, Layout, PhotoSize};
use mly_emulator::{Emulator, Endpoint};

use super::{client, fetched, ids, known, photos, seen, small, sorted, tree};
use crate::support::demo;

/// What is said of a folder that cannot be used; nothing must have been sent.
async fn refusal(emulator: &Emulator, download: &mly::Download) -> (String, String) {
    let before = emulator.requests().len();
    let error = fetched(&client(emulator), &[7], download).await.unwrap_err();
    assert_eq!(emulator.requests().len(), before, "nothing is sent");
    let Error::InvalidQuery { what, hint } = error else { panic!("{error}") };
    (what, hint.unwrap().to_string())
}

/// Whether a folder has files that are not finished.
fn has_parts(dir: &Path) -> bool {
    tree(dir).keys().any(|name| name.contains(".part"))
}

#[tokio::test]
async fn a_folder_of_another_size_or_layout_is_refused_with_a_hint() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let ids = ids(1).await;
    fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    for other in [
        small(folder.path()).with_size(PhotoSize::W1024),
        small(folder.path()).with_layout(Layout::WebDataset),
    ] {
        let (what, hint) = refusal(&emulator, &other).await;
        assert!(what.ends_with("it holds photos of size 256 as files"), "{what}");
        assert_eq!(hint, "use the same settings, or another directory");
    }
    assert_eq!(fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap().skipped, 1);
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_somebody_else_writes_into_is_refused() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    for mark in [".mly-download.json", ".mly-clouds.json"] {
        let path = folder.path().join(mark);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.lock().unwrap();
        std::mem::forget(file);
    }
    let (what, hint) = refusal(&emulator, &small(folder.path())).await;
    assert!(what.ends_with("another process is downloading into it"), "{what}");
    assert_eq!(hint, "wait for it, or choose another directory");
    let clouds = client(&emulator).download_clouds([7], &Clouds::into(folder.path())).unwrap();
    assert!(matches!(clouds.finish().await, Err(Error::InvalidQuery { .. })));
    assert!(emulator.requests().is_empty());
}

#[tokio::test]
async fn what_cannot_be_a_folder_is_refused_before_anything_is_sent() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "here already").unwrap();
    for dir in [file.clone(), file.join("inner")] {
        let (what, hint) = refusal(&emulator, &small(&dir)).await;
        assert!(what.starts_with("cannot write into"), "{what}");
        assert_eq!(hint, "name a directory that may be written to");
    }
    assert_eq!(std::fs::read(file).unwrap(), b"here already");
}

#[tokio::test]
async fn a_photo_that_cannot_be_written_ends_the_download_and_leaves_no_part() {
    let emulator = demo();
    let ids = ids(20).await;
    let sequence = known(&emulator, ids[3], "sequence")["sequence"].as_str().unwrap().to_owned();
    let name = format!("{sequence}/{}.jpg", ids[3]);
    for in_the_way in [sequence.clone(), name] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&in_the_way);
        if in_the_way == sequence {
            std::fs::write(&path, "a file where a folder should be").unwrap();
        } else {
            std::fs::create_dir_all(path.join("a folder where a file should be")).unwrap();
        }
        let error = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap_err();
        let Error::Output { path: Some(told), .. } = &error else { panic!("{error}") };
        assert!(told.starts_with(folder.path()), "{error}");
        // What was in the way is gone: the rest comes.
        if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.unwrap();
        let done = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
        assert_eq!(done.written + done.skipped, 20);
        assert_eq!(photos(&tree(folder.path())), sorted(&ids));
        assert!(!has_parts(folder.path()));
    }
}

/// Runs `downloads_of_a_limited_process` into a folder, in a process whose files end at 4 KiB.
#[cfg(unix)]
fn limited(before: &str, dir: &Path) -> std::process::Output {
    let run = "ulimit -c 0; ulimit -f 8; exec \"$0\" --exact downloads::disk::downloads_of_a_limited_process";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("{before} {run}")]);
    command.arg(std::env::current_exe().unwrap()).env(LIMITED, dir).output().unwrap()
}

const LIMITED: &str = "MLY_TEST_LIMITED";

/// A part of the two tests below; alone it does nothing.
#[tokio::test]
async fn downloads_of_a_limited_process() {
    let Ok(dir) = std::env::var(LIMITED) else { return };
    let emulator = demo();
    for layout in Layout::ALL {
        let dir = Path::new(&dir).join(layout.name());
        let error =
            fetched(&client(&emulator), &ids(8).await, &large(&dir).with_layout(layout)).await.unwrap_err();
        assert!(matches!(error, Error::Output { .. }), "{error}");
    }
    assert!(seen(&emulator, Endpoint::Thumbnail) > 0);
}

/// Photos of more than 4 KiB.
fn large(dir: &Path) -> mly::Download {
    small(dir).with_size(PhotoSize::W2048)
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_output_error_and_leaves_only_whole_photos() {
    let folder = tempfile::tempdir().unwrap();
    // Without the signal, writing fails as it does on a full disk.
    let output = limited("trap '' XFSZ;", folder.path());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    for (name, bytes) in tree(folder.path()) {
        assert!(!name.contains(".part") && bytes.ends_with(&[0xFF, 0xD9]), "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_that_is_killed_while_it_writes_leaves_only_whole_photos() {
    let folder = tempfile::tempdir().unwrap();
    let output = limited("", folder.path());
    assert_eq!(output.status.code(), None, "a signal ends it");
    assert!(has_parts(folder.path()), "in the middle of a photo");
    for (name, bytes) in tree(folder.path()) {
        assert!(name.contains(".part") || bytes.ends_with(&[0xFF, 0xD9]), "{name}");
    }
    let emulator = demo();
    let (ids, dir) = (ids(8).await, folder.path().join("files"));
    let done = fetched(&client(&emulator), &ids, &large(&dir)).await.unwrap();
    assert_eq!((done.written + done.skipped, photos(&tree(&dir))), (8, sorted(&ids)));
    assert!(!has_parts(folder.path()));
}

#[tokio::test]
async fn clouds_of_two_frames_do_not_share_a_folder() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let none: [i64; 0] = [];
    let run = |frame| {
        let clouds = Clouds::into(folder.path()).with_frame(frame);
        client(&emulator).download_clouds(none, &clouds).unwrap().finish()
    };
    run(Frame::Enu).await.unwrap();
    let Err(Error::InvalidQuery { what, .. }) = run(Frame::Wgs84).await else { panic!() };
    assert!(what.ends_with("it holds clouds in the frame enu"), "{what}");
    run(Frame::Enu).await.unwrap();
}
