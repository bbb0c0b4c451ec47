//! Runs that are given up, and go on.

use mly::Summary;

use super::question::questions;
use super::{Desk, Dice, sent};

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
