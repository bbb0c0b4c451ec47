//! Runs that are given up, and go on.

use mly::sink::Format;
use mly::{Area, Query, Summary};
use mly_emulator::{Emulator, Limits, World};

use super::question::questions;
use super::{Desk, Dice, sent};
use crate::support::truth::graph;

/// Steps that were answered and wait to be written: two in line, and one that waits for its place there.
const WAITING: usize = 3;

/// Formats that each question is tried in.
const FORMATS: usize = 3;

#[test]
fn a_run_that_is_given_up_anywhere_goes_on_to_the_same_file() {
    let mut dice = Dice(1);
    for (number, question) in questions().iter().enumerate() {
        let desk = Desk::demo();
        let formats = question.formats.iter().cycle().skip(number * FORMATS).take(FORMATS);
        for format in formats {
            let name = format!("{} as {format}", question.name);
            let Some(whole) = desk.whole(&question.plan, *format) else { continue };
            let path = desk.file(&format!("{name}.out"));
            let concurrency = 1 + dice.below(4);
            let client = desk.client(concurrency);
            let begin = desk.emulator.requests().len();
            for stops_left in (0..=2).rev() {
                let count = 1 + dice.below(whole.requests.min(40));
                let count = if stops_left > 0 { count as u64 } else { u64::MAX };
                let is_over = |summary: &Summary| sent(summary) >= count;
                match desk.run_until(&client, &question.plan, (*format, &path), is_over) {
                    Some(done) => {
                        whole.is_told(&done.unwrap_or_else(|e| panic!("{name}: {e}")), &name);
                        break;
                    }
                    // It was so far that nothing but its name was left to be given.
                    None if path.exists() => break,
                    None => {}
                }
            }
            whole.is_at(&path, &name);
            let asked = desk.emulator.requests().len() - begin;
            let most = whole.requests + 2 * question.at_once * (concurrency + WAITING);
            assert!(asked <= most, "{name}: {asked} requests, {} needed", whole.requests);
        }
    }
}

#[test]
fn pages_go_on_after_the_last_one() {
    let world = World::random(3, 1_000_000);
    let [west, south, ..] = world.bbox().unwrap();
    let limits = Limits::default().with_images_per_box(1_000_000);
    let desk = Desk::new(Emulator::builder(world).with_limits(limits).start().unwrap());
    let corner = format!("{west},{south},{},{}", west + 0.001, south + 0.02);
    let some = graph(&desk.emulator, &format!("/images?bbox={corner}&limit=1&fields=creator"));
    let creator = some["data"][0]["creator"]["username"].as_str().unwrap();
    let country = Area::bbox(5.0, 47.0, 15.0, 55.0).unwrap();
    let query = Query::images(country).with_filter("creator-username", creator).unwrap();
    for (format, query) in [
        (Format::Csv, query.clone()),
        (Format::Arrow, query.clone().with_fields(["make"]).with_limit(1200)),
        (Format::GeoPackage, query),
    ] {
        let plan = query.plan().unwrap();
        let whole = desk.whole(&plan, format).unwrap();
        let path = desk.file("pages");
        let (client, before) = (desk.client(1), desk.emulator.requests().len());
        for count in 1..whole.requests as u64 {
            let is_over = |summary: &Summary| sent(summary) > count % 3;
            if desk.run_until(&client, &plan, (format, &path), is_over).is_some() || path.exists() {
                break;
            }
        }
        if !path.exists() {
            whole.is_told(&desk.run(&client, &plan, (format, &path)).unwrap(), format.name());
        }
        whole.is_at(&path, format.name());
        std::fs::remove_file(&path).unwrap();
        let asked = desk.emulator.requests().len() - before;
        assert!(asked <= 4 * whole.requests, "{format}: {asked} requests, {} needed", whole.requests);
    }
}
