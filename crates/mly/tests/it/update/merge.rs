//! Old rows and new rows as one result.

use mly::sink::Format;
use mly::{Layer, Query};

use super::{Desk, FORMATS, aged, by_id, convert, features, gone, id, query};

/// The query of a layer whose rows all cost no more than their tile.
fn plain(layer: Layer) -> Query {
    query(layer).with_cut(layer == Layer::Sequences)
}

#[tokio::test]
async fn an_update_has_the_rows_of_today_and_then_those_that_are_gone_in_order() {
    let desk = Desk::new();
    for layer in Layer::ALL {
        let today = desk.today(&plain(layer)).await;
        let aged = aged(&today, layer);
        for format in FORMATS {
            let file = desk.store(&aged, format);
            let (got, summary) = desk.update(&plain(layer), &file).await.unwrap();
            let stored = features(&file);
            let known = by_id(&today);
            let gone: Vec<_> = stored.iter().filter(|old| !known.contains_key(&id(old))).cloned().collect();
            assert_eq!(gone.len(), 7);
            assert!(got == [today.clone(), gone].concat(), "{layer} {format}");
            let told = (summary.rows, summary.kept, summary.replaced);
            assert_eq!(told, (today.len() as u64 + 7, 7, aged.len() as u64 - 7), "{layer} {format}");
            assert_eq!(
                (summary.tiles, summary.entities),
                (plain(layer).plan().unwrap().cost().tiles, 0),
                "{layer} {format}"
            );
        }
    }
}

#[tokio::test]
async fn an_earlier_result_without_rows_changes_nothing() {
    let desk = Desk::new();
    for layer in Layer::ALL {
        let today = desk.today(&query(layer)).await;
        for format in FORMATS {
            let is_feature = matches!(layer, Layer::Points | Layer::Signs);
            let until = if is_feature { "last-seen-until" } else { "until" };
            let long_ago = mly::FilterValue::Until(mly::query::latest_ms("1960").unwrap().into());
            let empty = query(layer).with_limit(1).with_filter(until, long_ago).unwrap();
            let file = desk.file(&format!("empty.{}", format.extensions()[0]));
            let mut batches = desk.client().run(&empty.plan().unwrap());
            assert_eq!(batches.write_file(&file, format, true).await.unwrap().rows, 0);
            let (got, summary) = desk.update(&query(layer), &file).await.unwrap();
            assert!(got == today, "{layer} {format}");
            assert_eq!((summary.kept, summary.replaced), (0, 0));
        }
    }
}

#[tokio::test]
async fn a_file_may_be_brought_up_to_date_in_its_own_place() {
    let desk = Desk::new();
    for layer in [Layer::Images, Layer::Sequences] {
        let today = desk.today(&plain(layer)).await;
        for format in FORMATS {
            let file = desk.store(&aged(&today, layer), format);
            let apart = desk.update(&plain(layer), &file).await.unwrap().0;
            let batches = desk.client().run(&plain(layer).plan().unwrap());
            let mut batches = batches.updating(mly::Earlier::open(&file).unwrap()).unwrap();
            batches.write_file(&file, format, true).await.unwrap();
            let there = features(&file);
            assert_eq!(by_id(&there), by_id(&apart), "{layer} {format}");
        }
    }
}

#[tokio::test]
async fn an_update_of_an_update_is_the_same_again() {
    let desk = Desk::new();
    let today = desk.today(&query(Layer::Signs)).await;
    let file = desk.store(&aged(&today, Layer::Signs), Format::Csv);
    let (once, _) = desk.update(&query(Layer::Signs), &file).await.unwrap();
    let file = desk.store(&once, Format::Parquet);
    let (twice, summary) = desk.update(&query(Layer::Signs), &file).await.unwrap();
    assert_eq!((by_id(&twice), summary.kept), (by_id(&once), 7));
}

#[tokio::test]
async fn an_id_that_a_file_has_twice_comes_once_and_absent_columns_are_absent() {
    let desk = Desk::new();
    let today = desk.today(&query(Layer::Images)).await;
    let mut twice = gone(&today[0], 1);
    twice["properties"].as_object_mut().unwrap().retain(|name, _| name == "id");
    let mut other = twice.clone();
    other["geometry"]["coordinates"] = serde_json::json!([1.0, 2.0]);
    let file = desk.store(&[twice.clone(), other], Format::Csv);
    let (got, _) = desk.update(&query(Layer::Images), &file).await.unwrap();
    assert!(got == [today, vec![twice]].concat());
}

#[tokio::test]
async fn rows_of_the_stream_are_those_of_the_file() {
    use futures_util::TryStreamExt;

    let desk = Desk::new();
    let today = desk.today(&query(Layer::Points)).await;
    let file = desk.store(&aged(&today, Layer::Points), Format::Arrow);
    let open = || mly::Earlier::open(&file).unwrap();
    let run = || desk.client().run(&query(Layer::Points).plan().unwrap()).updating(open()).unwrap();
    let batches: Vec<_> = run().try_collect().await.unwrap();
    let path = desk.file("direct.arrow");
    run().write_file(&path, Format::Arrow, false).await.unwrap();
    let schema = batches[0].schema();
    let stored: Vec<_> = mly::source::rows(&path).unwrap().map(Result::unwrap).collect();
    let whole = |batches: &[_]| arrow_select::concat::concat_batches(&schema, batches).unwrap();
    assert!(whole(&batches) == whole(&stored));
    convert(&path, Format::Csv, &desk.file("direct.csv"));
}
