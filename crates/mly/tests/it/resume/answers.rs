//! Steps that need many answers: each answer is kept, and a run that stops in the middle of a step goes on behind it.

use mly::sink::Format;
use mly::{Area, Client, Lookup, Outlines, Plan, Query, Subject};

use super::unfinished;
use crate::support::Server;
use crate::support::frail::{SEQUENCE, TILE, frail};

/// Images of the service.
const IMAGES: i64 = 400;

/// Answers that wait to be written: two in line, and one that waits for its place there.
const WAITING: usize = 3;

/// Plans whose steps need many answers, the requests that they take, and of those the ones that many ids share.
fn plans() -> Vec<(&'static str, Plan, usize, usize)> {
    let images = || (1001..=1000 + IMAGES).collect::<Vec<_>>();
    let detections = Lookup::new(Subject::DetectionsOfImage, images());
    let pixels = detections.clone().with_outlines(Outlines::Pixels);
    let sequence = Lookup::new(Subject::Sequence, [SEQUENCE]).with_fields(["make"]);
    let area = Query::sequences(Area::tile(TILE.parse().unwrap()));
    vec![
        ("detections", detections.plan().unwrap(), 400, 0),
        ("detections in pixels", pixels.plan().unwrap(), 408, 2),
        ("a sequence", sequence.plan().unwrap(), 9, 0),
        ("a whole sequence", area.plan().unwrap(), 10, 0),
    ]
}

/// Runs a plan and gives it up when the service has got so many requests. Returns whether it came to an end, and the
/// requests that it had counted as answered.
async fn until(
    server: &Server,
    client: &Client,
    plan: &Plan,
    path: &std::path::Path,
    requests: usize,
) -> (bool, usize) {
    let mut batches = client.run(plan);
    let progress = batches.progress();
    let over = async {
        while server.requests().len() < requests {
            tokio::task::yield_now().await;
        }
    };
    let is_done = tokio::select! {
        done = batches.write_file(path, Format::GeoJsonSeq, false) => { done.unwrap(); true }
        () = over => false,
    };
    drop(batches);
    let journal = unfinished(path).join("journal");
    while let Ok(file) = std::fs::File::open(&journal) {
        if file.try_lock().is_ok() {
            break;
        }
        tokio::task::yield_now().await;
    }
    // The last step goes on in its thread, and may complete the file although nobody waits for it.
    (is_done || path.exists(), progress.answered() as usize)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_requests_under_way_are_lost_when_a_run_stops_in_the_middle_of_a_step() {
    let server = frail((1001, 1000 + IMAGES), |_| None);
    let folder = tempfile::tempdir().unwrap();
    for (name, plan, needed, shared) in plans() {
        let whole = folder.path().join(format!("{name}.whole"));
        server.client().run(&plan).write_file(&whole, Format::GeoJsonSeq, true).await.unwrap();
        for concurrency in [1, 2, 4, 8] {
            let client = Client::new(server.options().with_concurrency(concurrency)).unwrap();
            let path = folder.path().join(format!("{name}.{concurrency}"));
            let begin = server.requests().len();
            let (mut stops, mut answered) = (0, 0);
            loop {
                let requests = server.requests().len() + needed / 3 + 1;
                let (is_done, now) = until(&server, &client, &plan, &path, requests).await;
                if is_done {
                    break;
                }
                stops += 1;
                // What was answered and not written yet counts as answered.
                let lost_now = 2 * concurrency + WAITING;
                assert!(now + lost_now >= answered, "{name}: progress goes back from {answered} to {now}");
                answered = now;
                if name == "detections" {
                    let sent = server.requests().len() - begin;
                    let lost = stops * (2 * concurrency + WAITING);
                    assert!(answered + lost >= sent, "{name}: {answered} of {sent} are counted");
                }
            }
            let asked = server.requests().len() - begin;
            // A request for what many ids share is sent for two steps at once.
            let most = needed + stops * (2 * concurrency + WAITING + shared);
            assert!(
                stops > 0 && asked <= most,
                "{name} at {concurrency}: {asked} requests, {needed} needed, {stops} stops"
            );
            assert_eq!(
                std::fs::read(&path).unwrap(),
                std::fs::read(&whole).unwrap(),
                "{name} at {concurrency}"
            );
        }
    }
}
