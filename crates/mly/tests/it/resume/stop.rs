//! Runs that are given up, and go on.

use std::collections::BTreeMap;

use super::question::{Question, questions};
use super::{Desk, Dice, Whole};

/// Steps that were answered and wait to be written: two in line, and one that waits for its place there.
const WAITING: usize = 3;

/// How often each request was sent, from the `before`-th request on.
fn counts(desk: &Desk, before: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for seen in &desk.emulator.requests()[before..] {
        *counts.entry(format!("{}?{}", seen.path, seen.query)).or_default() += 1;
    }
    counts
}

#[test]
fn a_run_that_is_given_up_anywhere_goes_on_to_the_same_file_in_every_format() {
    let mut dice = Dice(1);
    for question in questions() {
        let desk = Desk::demo();
        for format in &question.formats {
            let name = format!("{} as {format}", question.name);
            let Some(whole) = desk.whole(&question.plan, *format) else { continue };
            let path = desk.file(&format!("{name}.out"));
            let client = desk.client(1 + dice.below(4));
            let begin = desk.emulator.requests().len();
            for stops_left in (0..=2).rev() {
                let before = desk.emulator.requests().len();
                let count = 1 + dice.below(whole.requests.min(40));
                let is_over = || stops_left > 0 && desk.answered_since(before) >= count;
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
            println!("{name}: {asked} of {}", whole.requests);
            let _ = counts;
        }
    }
}
