//! What the library does with some of its features alone. `scripts/features` runs it with each choice of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use mly::sink::Format;
use mly::{Area, Client, Endpoint, Error, Options, Query, Summary, source};
use mly_emulator::{Emulator, World};

fn demo() -> Emulator {
    Emulator::builder(World::demo()).start().unwrap()
}

fn options(emulator: &Emulator) -> Options {
    let token = mly::Token::new(emulator.token()).unwrap();
    Options::default().with_token(token).with_base_url(emulator.url()).unwrap()
}

fn signs() -> Query {
    Query::signs(Area::bbox(8.98, 51.98, 9.03, 52.01).unwrap())
}

async fn write(options: Options, path: &Path, format: Format) -> Summary {
    let client = Client::new(options).unwrap();
    client.run(&signs().plan().unwrap()).write_file(path, format, false).await.unwrap()
}

/// The error, and what to do about it.
fn told<T>(result: Result<T, Error>) -> String {
    match result.err().unwrap() {
        error @ (Error::InvalidQuery { .. } | Error::Input { .. }) => {
            format!("{error}; {}", error.hint().unwrap())
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_format_of_this_build_is_written_and_read_back() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let optional = [cfg!(feature = "parquet"), cfg!(feature = "sqlite")];
    let expected = 7 + optional.into_iter().filter(|is_on| *is_on).count();
    assert_eq!(Format::ALL.len(), expected);
    for format in Format::of_any_rows() {
        let path = folder.path().join(format!("signs.{}", format.extensions()[0]));
        assert_eq!(write(options(&emulator), &path, format).await.rows, 600, "{format}");
        if format.can_be_read() {
            let rows: usize = source::rows(&path).unwrap().map(|batch| batch.unwrap().num_rows()).sum();
            assert_eq!(rows, 600, "{format}");
        }
    }
}

#[test]
fn a_format_that_is_not_part_of_this_build_names_its_feature() {
    let folder = tempfile::tempdir().unwrap();
    let formats = [
        (cfg!(feature = "parquet"), "parquet", "parquet", &b"PAR1PAR1"[..]),
        (cfg!(feature = "sqlite"), "gpkg", "sqlite", b"SQLite format 3\0"),
    ];
    for (_, extension, feature, beginning) in formats.into_iter().filter(|(is_on, ..)| !is_on) {
        let path = folder.path().join(format!("a.{extension}"));
        std::fs::write(&path, beginning).unwrap();
        for what in [
            told(Format::of_path(&path)),
            told(extension.parse::<Format>()),
            told(source::rows(&path)),
            told(source::AreaReader::new().file(&path)),
        ] {
            assert!(what.ends_with(&format!("enable the feature `{feature}` of the crate mly")), "{what}");
        }
    }
}

#[tokio::test]
async fn requests_of_one_client_are_counted_in_every_build_and_tiles_are_kept_with_sqlite() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let keeping = || {
        let kept = folder.path().join("kept");
        options(&emulator).with_tiles_per_day(20).with_cache_dir(kept.clone()).with_ledger_dir(kept)
    };
    let first = write(keeping(), &path("first.csv"), Format::Csv).await;
    let second = write(keeping(), &path("second.csv"), Format::Csv).await;
    let kept = if cfg!(feature = "sqlite") { first.tiles } else { 0 };
    assert_eq!((second.tiles, second.cache_hits), (first.tiles - kept, kept));
    assert_eq!(std::fs::read(path("first.csv")).unwrap(), std::fs::read(path("second.csv")).unwrap());

    let client = Client::new(keeping()).unwrap();
    let warnings = client.warnings();
    assert_eq!(warnings.len(), if cfg!(feature = "sqlite") { 0 } else { 2 }, "{warnings:?}");
    assert_eq!(
        client.tile_budget().left_today,
        Some(if cfg!(feature = "sqlite") { 20 - first.tiles } else { 20 })
    );
    let alone = Client::new(options(&emulator).with_tiles_per_day(20)).unwrap();
    alone.run(&signs().plan().unwrap()).write_file(&path("third.csv"), Format::Csv, false).await.unwrap();
    assert_eq!(alone.tile_budget().left_today, Some(20 - first.tiles));
    let spent = Client::new(options(&emulator).with_tiles_per_day(1)).unwrap();
    let run = spent.run(&signs().plan().unwrap()).write_file(&path("fourth.csv"), Format::Csv, false).await;
    assert!(matches!(run, Err(Error::RateLimited { endpoint: Some(Endpoint::Tiles), .. })), "{run:?}");
}

#[cfg(feature = "photos")]
#[tokio::test]
async fn photos_are_downloaded() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(options(&emulator)).unwrap();
    let ids = images(&client).await;
    let download = mly::Download::into(folder.path()).with_size(mly::PhotoSize::W256);
    assert_eq!(client.download(ids, &download).unwrap().finish().await.unwrap().written, 5);
    let missing = client.download([1], &download).unwrap().finish().await.unwrap();
    assert_eq!(missing.failed, [("1".to_owned(), "no image has this id".to_owned())]);
}

#[cfg(feature = "clouds")]
#[tokio::test]
async fn point_clouds_are_downloaded_as_laz() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(options(&emulator)).unwrap();
    let ids = images(&client).await;
    let clouds = mly::Clouds::into(folder.path()).with_format(mly::cloud::CloudFormat::Laz);
    let done = client.download_clouds(ids, &clouds).unwrap().finish().await.unwrap();
    // Some clusters of the town are empty, as some of the service are.
    let is_empty = |(_, why): &(String, String)| why == "its cluster has no points";
    assert!(done.written > 0 && done.failed.iter().all(is_empty), "{done:?}");
    let missing = client.download_clouds([1], &clouds).unwrap().finish().await.unwrap();
    assert_eq!(missing.failed, [("1".to_owned(), "no image has this id".to_owned())]);
}

/// The ids of five images.
#[cfg(any(feature = "clouds", feature = "photos"))]
async fn images(client: &Client) -> Vec<i64> {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use futures_util::TryStreamExt;

    let query = Query::images(Area::near(9.005, 51.998, 200.0).unwrap()).with_limit(5);
    let batches: Vec<_> = client.run(&query.plan().unwrap()).try_collect().await.unwrap();
    let ids = batches
        .iter()
        .flat_map(|batch| batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec());
    ids.collect()
}
