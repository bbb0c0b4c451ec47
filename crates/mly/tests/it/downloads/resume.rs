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
async fn archives_go_on_after_their_last_photo() {
    const AT_ONCE: usize = 4;
    let ids = ids(80).await;
    let archives = |dir: &Path| {
        small(dir).with_layout(Layout::WebDataset).with_photos_a_shard(10).with_concurrency(AT_ONCE)
    };
    let whole = whole(&ids, archives).await;
    let emulator = demo();
    let client = client(&emulator);
    let folder = tempfile::tempdir().unwrap();
    let mut kept = 0;
    for answered in [5, 35, 36, 58] {
        dropped_after(&client, &ids, &archives(folder.path()), answered).await;
        kept = answered;
    }
    let done = fetched(&client, &ids, &archives(folder.path())).await.unwrap();
    assert!(done.skipped >= kept && done.written + done.skipped == 80, "{} were kept", done.skipped);
    assert!(tree(folder.path()) == whole);
    // What was under way at a drop is fetched twice, and nothing else.
    let files = seen(&emulator, Endpoint::Thumbnail);
    assert!((80..=80 + 4 * (AT_ONCE + 2)).contains(&files), "{files}");
    let again = fetched(&client, &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((again.skipped, again.summary.requests()), (80, 0));
    assert!(tree(folder.path()) == whole);
}

#[tokio::test]
async fn an_archive_that_was_begun_for_another_list_is_kept() {
    let ids = ids(40).await;
    let archives = |dir: &Path| small(dir).with_layout(Layout::WebDataset).with_photos_a_shard(10);
    let emulator = demo();
    let client = client(&emulator);
    let folder = tempfile::tempdir().unwrap();
    dropped_after(&client, &ids[..20], &archives(folder.path()), 15).await;
    let done = fetched(&client, &ids[20..], &archives(folder.path())).await.unwrap();
    assert_eq!((done.written, done.skipped), (20, 0));
    let unfinished = tree(folder.path()).into_keys().find(|name| name.contains(".mly."));
    assert_eq!(unfinished, None);
    let rest = fetched(&client, &ids, &archives(folder.path())).await.unwrap();
    assert!(rest.skipped >= 35 && rest.written + rest.skipped == 40, "{} were kept", rest.skipped);
}
