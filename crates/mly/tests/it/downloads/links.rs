//! Links and files of others where a download writes.

use std::fs;
use std::os::unix::fs::symlink;

use mly::{Clouds, Error, Layout};

use super::{client, fetched, ids, known, photos, small, sorted, tree};
use crate::support::demo;

#[tokio::test]
async fn marks_that_are_links_are_refused_before_anything_is_sent() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let (dir, precious) = (folder.path().join("photos"), folder.path().join("precious"));
    fs::create_dir(&dir).unwrap();
    fs::write(&precious, "precious").unwrap();
    for mark in [".mly-download.json", ".mly-clouds.json"] {
        symlink(&precious, dir.join(mark)).unwrap();
    }
    for layout in Layout::ALL {
        let error = fetched(&client(&emulator), &[7], &small(&dir).with_layout(layout)).await.unwrap_err();
        assert!(matches!(&error, Error::InvalidQuery { what, .. } if what.contains("is a link")), "{error}");
    }
    let clouds = client(&emulator).download_clouds([7], &Clouds::into(&dir)).unwrap().finish().await;
    assert!(matches!(clouds, Err(Error::InvalidQuery { .. })), "{clouds:?}");
    assert_eq!(fs::read(precious).unwrap(), b"precious");
    assert!(emulator.requests().is_empty());
}

#[tokio::test]
async fn what_is_written_is_not_written_through_links_and_files_of_others_stay() {
    let emulator = demo();
    let ids = ids(12).await;
    for layout in Layout::ALL {
        let folder = tempfile::tempdir().unwrap();
        let (dir, precious) = (folder.path().join("photos"), folder.path().join("precious"));
        let sequence = known(&emulator, ids[0], "sequence")["sequence"].as_str().unwrap().to_owned();
        fs::create_dir_all(dir.join(&sequence)).unwrap();
        fs::write(&precious, "precious").unwrap();
        let photo = format!("{sequence}/{}.jpg", ids[0]);
        for name in [&*photo, "00000.tar", "00000_stats.json", "manifest.json"] {
            symlink(&precious, dir.join(format!("{name}.mly.part"))).unwrap();
            fs::write(dir.join(format!("{name}.part")), "somebody else's").unwrap();
        }
        let download = small(&dir).with_layout(layout);
        let done = fetched(&client(&emulator), &ids, &download).await;
        if layout == Layout::WebDataset {
            // Archives and their descriptions are told of, and come once the links are gone.
            assert!(done.is_err(), "{done:?}");
            for name in ["00000.tar", "00000_stats.json", "manifest.json"] {
                fs::remove_file(dir.join(format!("{name}.mly.part"))).unwrap();
            }
            fetched(&client(&emulator), &ids, &download).await.unwrap();
        } else {
            assert_eq!(done.unwrap().written, 12);
            assert_eq!(photos(&tree(&dir)), sorted(&ids));
        }
        assert_eq!(fs::read(&precious).unwrap(), b"precious", "{layout}");
        for name in [&*photo, "00000.tar", "00000_stats.json", "manifest.json"] {
            assert_eq!(fs::read(dir.join(format!("{name}.part"))).unwrap(), b"somebody else's", "{layout}");
        }
    }
}

#[tokio::test]
async fn photos_behind_a_link_to_a_folder_are_not_fetched_again() {
    let emulator = demo();
    let ids = ids(8).await;
    let folder = tempfile::tempdir().unwrap();
    let (dir, elsewhere) = (folder.path().join("photos"), folder.path().join("elsewhere"));
    fetched(&client(&emulator), &ids, &small(&dir)).await.unwrap();
    fs::create_dir(&elsewhere).unwrap();
    for entry in fs::read_dir(&dir).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        let moved = elsewhere.join(entry.file_name());
        fs::rename(entry.path(), &moved).unwrap();
        symlink(&moved, entry.path()).unwrap();
    }
    let again = fetched(&client(&emulator), &ids, &small(&dir)).await.unwrap();
    assert_eq!((again.skipped, again.summary.requests()), (8, 0));
}

#[tokio::test]
async fn an_archive_that_is_a_link_to_nothing_keeps_its_number() {
    let emulator = demo();
    let ids = ids(3).await;
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let dir = folder.path().join("photos");
    fs::create_dir(&dir).unwrap();
    symlink(&nowhere, dir.join("00000.tar")).unwrap();
    let download = small(&dir).with_layout(Layout::WebDataset);
    assert_eq!(fetched(&client(&emulator), &ids, &download).await.unwrap().written, 3);
    assert!(!nowhere.exists() && dir.join("00001.tar").is_file());
}

#[tokio::test]
async fn a_download_that_another_process_takes_over_stops() {
    let emulator = demo();
    let ids = ids(3).await;
    let folder = tempfile::tempdir().unwrap();
    let download = small(folder.path()).with_layout(Layout::WebDataset);
    let client = client(&emulator);
    let downloads = client.download(&ids, &download).unwrap();
    let progress = downloads.progress();
    let owner = folder.path().join(".mly-owner");
    let taking = async {
        while !owner.exists() {
            tokio::task::yield_now().await;
        }
        fs::write(&owner, "process 1").unwrap();
        std::future::pending::<()>().await;
    };
    let done = tokio::select! {
        biased;
        () = taking => unreachable!(),
        done = downloads.finish() => done,
    };
    assert!(matches!(done, Err(Error::Output { .. })), "{done:?}");
    assert!(!folder.path().join("00000.tar").exists() && progress.answered() <= 3);
}
