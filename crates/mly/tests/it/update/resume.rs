//! Updates that are left anywhere and gone on with.

use std::fs;
use std::path::Path;

use mly::sink::{self, Destination, Format};
use mly::{Batches, Earlier, Error, Layer, Query, Summary};

use super::{Desk, aged, gone, lost, query};

/// More rows than a batch of a file holds, several times.
const GONE: i32 = 18_000;

/// An update under way.
fn batches(desk: &Desk, query: &Query, earlier: &Path) -> Batches {
    desk.client().run(&query.plan().unwrap()).updating(Earlier::open(earlier).unwrap()).unwrap()
}

/// Runs until something holds of the summary, and gives the run up there; false when it came to its end before.
async fn left_when(
    mut batches: Batches,
    (format, path): (Format, &Path),
    holds: impl Fn(&Summary) -> bool + Send + Sync,
) -> bool {
    let progress = batches.progress();
    let over = async {
        while !holds(&progress.summary()) {
            tokio::task::yield_now().await;
        }
    };
    let is_left = tokio::select! {
        done = batches.write_file(path, format, false) => { done.unwrap(); false }
        () = over => true,
    };
    let mut folder = path.as_os_str().to_owned();
    folder.push(".unfinished");
    while let Ok(journal) = fs::File::open(Path::new(&folder).join("journal")) {
        if journal.try_lock().is_ok() {
            break;
        }
        tokio::task::yield_now().await;
    }
    is_left
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_is_left_and_gone_on_with_gives_the_same_bytes() {
    let desk = Desk::new();
    let fields = query(Layer::Images).with_fields(["captured_at", "quality_score", "make"]);
    let mut stopped_late = 0;
    for (query, formats) in [
        (fields, [Format::GeoJsonSeq, Format::FlatGeobuf]),
        (query(Layer::Sequences), [Format::Csv, Format::GeoPackage]),
    ] {
        let layer = query.layer();
        let today = desk.today(&query).await;
        let mut rows = aged(&today, layer);
        // Rows that come anew stand between those that are gone, to the end.
        let last = rows.split_off(rows.len() - 20);
        // Half of what is gone is marked, since the service should show it.
        let away = |number| if number % 2 == 0 { lost(&today[0], number) } else { gone(&today[0], number) };
        rows.extend((100..GONE).map(away));
        rows.extend(last);
        let file = desk.store(&rows, Format::Arrow);
        for format in formats {
            let whole = desk.file("whole");
            let run = batches(&desk, &query, &file);
            let destination = Destination::file(&whole, true).unwrap();
            let sink = sink::open(format, destination, &run.schema()).unwrap();
            let want = run.write_to(sink).await.unwrap();
            let (whole, path) = (fs::read(whole).unwrap(), desk.file("part"));
            let to = (format, path.as_path());
            let mut is_left = true;
            for requests in [4, 9] {
                let run = batches(&desk, &query, &file);
                is_left = is_left && left_when(run, to, |s| s.requests() >= requests || s.kept > 0).await;
            }
            for kept in [1, 9_000] {
                is_left = is_left && left_when(batches(&desk, &query, &file), to, |s| s.kept >= kept).await;
                stopped_late += usize::from(is_left);
            }
            if is_left {
                let done = batches(&desk, &query, &file).write_file(&path, format, false).await.unwrap();
                let told = |s: &Summary| (s.rows, s.kept, s.replaced);
                assert_eq!(told(&done), told(&want), "{layer} {format}");
            }
            assert!(fs::read(&path).unwrap() == whole, "{layer} {format}");
            fs::remove_file(&path).unwrap();
        }
    }
    assert!(stopped_late > 0, "some stop in the rows of before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_work_with_another_earlier_result_is_not_gone_on_with() {
    let desk = Desk::new();
    let query = query(Layer::Images).with_fields(["captured_at", "quality_score", "make"]);
    let today = desk.today(&query).await;
    let mut rows = aged(&today, Layer::Images);
    rows.extend((100..GONE).map(|number| gone(&today[0], number)));
    let file = desk.store(&rows, Format::Arrow);
    let path = desk.file("part.csv");
    let to = (Format::Csv, path.as_path());
    assert!(left_when(batches(&desk, &query, &file), to, |s| s.kept > 0).await);
    let refused = |error: Error| match error {
        Error::Journal { what, .. } => what,
        other => panic!("{other:?}"),
    };
    let plain = desk.client().run(&query.plan().unwrap()).write_file(&path, Format::Csv, false).await;
    let what = refused(plain.unwrap_err());
    assert_eq!(what, "it began with another earlier result, or with none");
    let other = desk.file("other.arrow");
    fs::copy(&file, &other).unwrap();
    let other = batches(&desk, &query, &other).write_file(&path, Format::Csv, false).await;
    assert_eq!(refused(other.unwrap_err()), what);
    let done = batches(&desk, &query, &file).write_file(&path, Format::Csv, false).await.unwrap();
    assert_eq!(done.rows, today.len() as u64 + 7 + u64::from(GONE.cast_unsigned()) - 100);
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_an_error() {
    let desk = Desk::new();
    let today = desk.today(&query(Layer::Points)).await;
    let file = desk.store(&aged(&today, Layer::Points), Format::Csv);
    let mut run = batches(&desk, &query(Layer::Points), &file);
    let mut text = fs::read_to_string(&file).unwrap();
    text.truncate(text.trim_end().rfind('\n').unwrap() + 1);
    fs::write(&file, text).unwrap();
    let error = run.write_file(&desk.file("next.csv"), Format::Csv, false).await.unwrap_err();
    assert!(error.to_string().ends_with("earlier.csv was written to while it was read"), "{error}");
}
