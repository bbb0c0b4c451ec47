//! Processes that are killed or asked to stop.

use std::fs;

use mly_emulator::{Emulator, World};

use super::{COMMANDS, Dice, NAMES, Place, is_at, succeeds};

/// Runs a command until it is done, and kills it wherever it is before that.
fn survives_kills(place: &Place, line: &str, file: &str, mut dice: Dice, kills: usize) {
    let whole = place.whole(line, file);
    let path = place.file(file);
    for _ in 0..kills {
        let mut child = place.started(line, file, 1 + dice.below(8));
        // A process that is over already has nothing to be killed.
        child.kill().unwrap();
        child.wait().unwrap();
        if path.exists() && !place.is_unfinished(file) {
            break;
        }
    }
    let last = place.command(line, file).output().unwrap();
    if path.exists() && !last.status.success() {
        // It was killed between the naming of its file and the end.
        let said = String::from_utf8(last.stderr).unwrap();
        assert!(said.contains("exists already"), "{said}");
    } else {
        succeeds(last);
    }
    is_at(&path, &whole, file);
}

#[test]
fn a_killed_process_leaves_what_the_next_one_goes_on_with() {
    for (seed, file) in NAMES.iter().enumerate() {
        let place = Place::new();
        for line in COMMANDS {
            survives_kills(&place, line, file, Dice(seed as u64), 3);
            fs::remove_file(place.file(file)).unwrap();
        }
    }
}

#[test]
fn a_process_that_is_killed_among_windows_of_rows_loses_none() {
    for (seed, file) in ["a.parquet", "a.fgb", "a.gpkg"].into_iter().enumerate() {
        let world = World::random(2, 160_000);
        let [west, south, east, north] = world.bbox().unwrap();
        let line = format!("images --bbox {west},{south},{east},{north} --concurrency 2");
        let place = Place { emulator: Emulator::start(world).unwrap(), ..Place::new() };
        survives_kills(&place, &line, file, Dice(seed as u64), 3);
    }
}

#[cfg(unix)]
#[test]
fn a_process_that_is_asked_to_stop_keeps_what_is_done() {
    let mut dice = Dice(3);
    for (file, signal) in NAMES.iter().zip(["-INT", "-TERM"].into_iter().cycle()) {
        let place = Place::new();
        let whole = place.whole("sequences", file);
        let child = place.started("sequences", file, 2 + dice.below(12));
        // It may be over by now, and then there is nobody to ask.
        let _ = std::process::Command::new("kill").arg(signal).arg(child.id().to_string()).output().unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            is_at(&place.file(file), &whole, file);
            continue;
        }
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.starts_with("error: interrupted\nhint: "), "{said}");
        if !place.file(file).exists() {
            succeeds(place.command("sequences", file).output().unwrap());
        }
        is_at(&place.file(file), &whole, file);
    }
}

#[test]
fn two_processes_do_not_write_one_file() {
    let place = Place::new();
    let whole = place.whole("images", "a.csv");
    let mut first = place.started("images", "a.csv", 1);
    let second = place.command("images", "a.csv").output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    let is_first_done = first.wait().unwrap().success();
    // The first one was quick, or the second one was refused.
    let refused = ["another process is writing it", "exists already"].iter().any(|why| said.contains(why));
    assert!(is_first_done && second.status.code() == Some(2) && refused, "{said}");
    is_at(&place.file("a.csv"), &whole, "a.csv");
}

#[test]
fn processes_that_share_a_cache_and_are_killed_leave_one_that_serves_all() {
    let mut dice = Dice(5);
    let place = Place::new();
    let files = ["a.csv", "a.geojson", "a.parquet", "a.gpkg"];
    let wholes = files.map(|file| place.whole("images", file));
    let kept = |file| {
        let mut command = place.command("images --tiles-per-day 100000", file);
        command.env("MLY_CACHE_DIR", place.file("cache"));
        command
    };
    for _ in 0..4 {
        let before = place.emulator.requests().len();
        let mut children = files.map(|file| kept(file).spawn().unwrap());
        let requests = before + 1 + dice.below(12);
        while place.emulator.requests().len() < requests
            && children.iter_mut().any(|child| child.try_wait().unwrap().is_none())
        {
            std::thread::yield_now();
        }
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
    for (file, whole) in files.into_iter().zip(wholes) {
        let last = kept(file).output().unwrap();
        let said = String::from_utf8_lossy(&last.stderr).into_owned();
        assert!(last.status.success() || said.contains("exists already"), "{file}: {said}");
        is_at(&place.file(file), &whole, file);
    }
    // All tiles are in the cache by now, and the requests of all processes are counted.
    let sent = place.emulator.requests().len();
    let again = place.command("images -q", "b.csv").env("MLY_CACHE_DIR", place.file("cache")).output();
    succeeds(again.unwrap());
    assert_eq!(place.emulator.requests().len(), sent);
}
