//! Photos as files: pixels, names, requests.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use mly::{Download, Error, PhotoSize};
use mly_emulator::{Emulator, Endpoint, Limits, World};
use serde_json::json;

use super::{client, fetched, get, ids, known, photos, pixels, seen, served, service, small, sorted, tree};
use crate::support::{demo, ok, options};

#[tokio::test]
async fn photos_of_every_size_lie_in_folders_of_their_sequences() {
    let emulator = demo();
    let ids = ids(6).await;
    for size in PhotoSize::ALL {
        let folder = tempfile::tempdir().unwrap();
        let done =
            fetched(&client(&emulator), &ids, &Download::into(folder.path()).with_size(size)).await.unwrap();
        assert_eq!((done.written, done.skipped, done.failed.len()), (6, 0, 0), "{size}");
        let files = tree(folder.path());
        assert_eq!(files.len(), ids.len());
        for id in &ids {
            let image = known(&emulator, *id, "sequence,width,height");
            let [width, height] = ["width", "height"].map(|name| image[name].as_u64().unwrap());
            let jpeg = &files[&format!("{}/{id}.jpg", image["sequence"].as_str().unwrap())];
            let wanted = size.name().parse().unwrap_or(width).min(width);
            let [w, h] = pixels(jpeg).map(u64::from);
            assert_eq!(w, wanted, "{size} of {width}");
            assert!(h.abs_diff(wanted * height / width) <= 1, "{w} x {h} of {width} x {height}");
        }
    }
}

#[tokio::test]
async fn addresses_are_looked_up_in_batches_shortly_before_they_are_used() {
    let emulator = demo();
    let ids = ids(470).await;
    let folder = tempfile::tempdir().unwrap();
    let options = options(&emulator).with_concurrency(1);
    let client = mly::Client::new(options).unwrap();
    let downloads = client.download(&ids, &small(folder.path()).with_concurrency(1)).unwrap();
    let progress = downloads.progress();
    let done = downloads.finish().await.unwrap();
    assert_eq!(done.written, 470);
    assert_eq!((progress.answered(), progress.total()), (470, 470));
    assert_eq!((done.summary.entities, done.summary.files, done.summary.rows), (10, 470, 470));
    let requests = emulator.requests();
    // One batch in use and one on its way, never more.
    let mut ahead = 0_isize;
    for request in &requests {
        ahead += if request.kind == Endpoint::Entity { 50 } else { -1 };
        assert!(ahead <= 100, "{ahead} addresses before they are used");
    }
}

#[tokio::test]
async fn no_more_photos_are_under_way_than_asked_for_and_no_fewer() {
    const AT_ONCE: usize = 5;
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let (under_way, most) = (AtomicUsize::new(0), std::sync::Arc::new(AtomicUsize::new(0)));
    let highest = std::sync::Arc::clone(&most);
    // Nobody is answered before as many are there as shall be.
    let all_there = Barrier::new(AT_ONCE);
    let server = service(json!({"thumb_256_url": "BASE/ID.jpg"}), move |_| {
        let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(now, Ordering::SeqCst);
        all_there.wait();
        under_way.fetch_sub(1, Ordering::SeqCst);
        ok(jpeg.clone())
    });
    let ids: Vec<i64> = (1..=60).collect();
    for layout in mly::Layout::ALL {
        let folder = tempfile::tempdir().unwrap();
        let download = small(folder.path()).with_concurrency(AT_ONCE).with_layout(layout);
        let done = fetched(&server.client(), &ids, &download).await.unwrap();
        assert_eq!((done.written, most.swap(0, Ordering::SeqCst)), (60, AT_ONCE), "{layout}");
    }
}

#[tokio::test]
async fn whole_photos_are_skipped_without_a_request_and_others_fetched_again() {
    let emulator = demo();
    let ids = ids(8).await;
    let folder = tempfile::tempdir().unwrap();
    fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    let whole = tree(folder.path());
    let before = emulator.requests().len();
    let again = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    assert_eq!((again.written, again.skipped, again.summary.requests()), (0, 8, 0));
    assert_eq!(emulator.requests().len(), before);

    let names: Vec<_> = whole.keys().map(|name| folder.path().join(name)).collect();
    let first = std::fs::read(&names[0]).unwrap();
    std::fs::write(&names[0], &first[..first.len() / 2]).unwrap();
    std::fs::write(&names[1], []).unwrap();
    std::fs::write(&names[2], "<html>not found</html>").unwrap();
    std::fs::write(&names[3], vec![0; 5000]).unwrap();
    std::fs::remove_file(&names[4]).unwrap();
    std::fs::write(names[5].with_extension("jpg.mly.part"), "half").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not ours").unwrap();
    let again = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    assert_eq!((again.written, again.skipped, again.summary.files), (5, 3, 5));
    let mut files = tree(folder.path());
    assert_eq!(files.remove("notes.txt").unwrap(), b"not ours");
    assert!(files == whole, "no unfinished file is left, and all others are as they were");
}

#[tokio::test]
async fn names_that_only_look_like_ours_do_not_stand_for_a_photo() {
    let emulator = demo();
    let id = ids(1).await[0];
    let folder = tempfile::tempdir().unwrap();
    let jpeg = served(&emulator, id, PhotoSize::W256);
    std::fs::create_dir(folder.path().join(".thumbnails")).unwrap();
    for name in [format!("+{id}.jpg"), format!("0{id}.jpg"), format!(".thumbnails/{id}.jpg")] {
        std::fs::write(folder.path().join(name), &jpeg).unwrap();
    }
    let done = fetched(&client(&emulator), &[id], &small(folder.path())).await.unwrap();
    assert_eq!((done.written, done.skipped), (1, 0));
}

#[tokio::test]
async fn ids_of_sequences_never_lead_out_of_the_folder() {
    let emulator = Emulator::builder(World::demo())
        .with_limits(Limits::default().with_hostile_names(true))
        .start()
        .unwrap();
    let ids = ids(200).await;
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("a").join("photos");
    let done = fetched(&client(&emulator), &ids, &small(&dir)).await.unwrap();
    assert_eq!(done.written, 200, "{:?}", done.failed);
    let files = tree(outer.path());
    assert_eq!(photos(&files), sorted(&ids));
    let mut hostile = std::collections::BTreeSet::new();
    for name in files.keys() {
        let [_, _, folder, _] = name.split('/').collect::<Vec<_>>()[..] else { panic!("{name}") };
        assert!(name.starts_with("a/photos/"), "{name}");
        assert!(folder.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_%".contains(&b)), "{folder}");
        hostile.extend(folder.contains('%').then_some(folder));
    }
    assert!(hostile.contains("%2e%2e%2f%2e%2e%2fetc") && hostile.len() == 8, "{hostile:?}");
}

#[tokio::test]
async fn photos_without_a_sequence_lie_in_the_folder_itself() {
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let server = service(json!({"thumb_256_url": "BASE/ID.jpg"}), move |_| ok(jpeg.clone()));
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&server.client(), &[7, i64::MAX], &small(folder.path())).await.unwrap();
    assert_eq!(done.written, 2);
    let files = tree(folder.path());
    assert_eq!(files.keys().collect::<Vec<_>>(), ["7.jpg", "9223372036854775807.jpg"]);
}

#[tokio::test]
async fn ids_are_checked_before_anything_is_sent_and_each_is_fetched_once() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let client = client(&emulator);
    for bad in ["", "x", "7.5", "-7", "0", "1,2", "99999999999999999999"] {
        let error = client.download(["7", bad], &small(folder.path())).unwrap_err();
        assert!(matches!(error, Error::InvalidQuery { hint: Some(_), .. }), "{bad}: {error}");
        assert!(client.download_clouds([bad], &mly::Clouds::into(folder.path())).is_err());
    }
    let none = fetched(&client, &[], &small(folder.path())).await.unwrap();
    assert_eq!((none.written, none.skipped, none.failed.len()), (0, 0, 0));
    assert!(emulator.requests().is_empty() && tree(folder.path()).is_empty());

    let ids = ids(2).await;
    let twice = [ids[0], ids[1], ids[0], ids[1], ids[1]];
    let done = fetched(&client, &twice, &small(folder.path())).await.unwrap();
    assert_eq!((done.written, done.failed.len(), seen(&emulator, Endpoint::Thumbnail)), (2, 0, 2));
}

#[tokio::test]
async fn a_thumbnail_is_an_address_for_everybody() {
    let emulator = demo();
    let id = ids(1).await[0];
    for size in PhotoSize::ALL {
        let address = client(&emulator).thumbnail(id, size).await.unwrap();
        let width = known(&emulator, id, "width")["width"].as_u64().unwrap();
        let wanted = size.name().parse().unwrap_or(width).min(width);
        assert_eq!(u64::from(pixels(&get(&address, None))[0]), wanted, "{size}");
    }
    let error = client(&emulator).thumbnail(1, PhotoSize::W256).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
}
