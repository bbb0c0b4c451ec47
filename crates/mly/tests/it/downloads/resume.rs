//! Downloads that are dropped in the middle and go on.

use std::path::Path;

use mly::{Client, Download, Layout};
use mly_emulator::Endpoint;

use super::{client, fetched, ids, photos, seen, small, sorted, tree};
use crate::support::demo;

/// Runs a download until so many images are answered, and drops it there.
async fn dropped_after(client: &Client, ids: &[i64], download: &Download, answered: u64) {
    let downloads = client.download(ids, download).unwrap();
    let progress = downloads.progress();
    let mut finish = std::pin::pin!(downloads.finish());
    while progress.answered() < answered {
        tokio::select! {
            biased;
            done = &mut finish => panic!("it was done before it could be dropped: {done:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
}

async fn whole(
    ids: &[i64],
    download: impl Fn(&Path) -> Download,
) -> std::collections::BTreeMap<String, Vec<u8>> {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    fetched(&client(&emulator), ids, &download(folder.path())).await.unwrap();
    tree(folder.path())
}

#[tokio::test]
async fn a_dropped_download_goes_on_where_it_was() {
    const AT_ONCE: usize = 4;
    let ids = ids(80).await;
    let whole = whole(&ids, small).await;
    let emulator = demo();
    let client = client(&emulator);
    let folder = tempfile::tempdir().unwrap();
    let download = small(folder.path()).with_concurrency(AT_ONCE);
    // Each one finds what the ones before it have written, and none of their unfinished files.
    for answered in [20, 40, 60] {
        dropped_after(&client, &ids, &download, answered).await;
        let there = tree(folder.path());
        assert!(photos(&there).len() as u64 >= answered);
        for (name, bytes) in &there {
            assert!(name.contains(".part") || whole[name] == *bytes, "{name} is not whole");
        }
    }
    let before = photos(&tree(folder.path())).len() as u64;
    let done = fetched(&client, &ids, &download).await.unwrap();
    assert_eq!(done.written + done.skipped, 80);
    assert!(done.skipped >= before && done.written > 0, "{} {before}", done.skipped);
    let got = tree(folder.path());
    assert_eq!(photos(&got), sorted(&ids));
    assert!(got == whole, "and no unfinished file is left");
    // What was under way at a drop is fetched twice, and nothing else.
    let files = seen(&emulator, Endpoint::Thumbnail);
    assert!((80..=80 + 3 * AT_ONCE).contains(&files), "{files}");
}

#[tokio::test]
async fn a_download_in_a_runtime_that_ends_leaves_whole_photos() {
    let ids = ids(60).await;
    let whole = whole(&ids, small).await;
    let folder = tempfile::tempdir().unwrap();
    let emulator = demo();
    let (dir, some, client) = (folder.path().to_owned(), ids.clone(), client(&emulator));
    let ended = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(dropped_after(&client, &some, &small(&dir).with_concurrency(8), 20));
    });
    ended.join().unwrap();
    for (name, bytes) in tree(folder.path()) {
        assert!(whole.get(&name) == Some(&bytes), "{name}");
    }
    let emulator = demo();
    fetched(&super::client(&emulator), &ids, &small(folder.path())).await.unwrap();
    assert!(tree(folder.path()) == whole);
}

#[tokio::test]
async fn finished_archives_are_not_asked_for_again() {
    let ids = ids(80).await;
    let archives =
        |dir: &Path| small(dir).with_layout(Layout::WebDataset).with_photos_a_shard(10).with_concurrency(4);
    let whole = whole(&ids, archives).await;
    let emulator = demo();
    let client = client(&emulator);
    let folder = tempfile::tempdir().unwrap();
    dropped_after(&client, &ids, &archives(folder.path()), 35).await;
    let done = fetched(&client, &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((done.skipped, done.written), (30, 50));
    assert!(tree(folder.path()) == whole);
    let requests = emulator.requests();
    for (nth, id) in ids.iter().enumerate() {
        let times = requests.iter().filter(|r| r.path.contains(&format!("/{id}/"))).count();
        let is_unfinished = (30..40).contains(&nth);
        assert!(times == 1 || (is_unfinished && times == 2), "photo {nth} was asked for {times} times");
    }
    let again = fetched(&client, &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((again.skipped, again.summary.requests()), (80, 0));
    assert!(tree(folder.path()) == whole);
}
