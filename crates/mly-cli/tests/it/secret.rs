//! The token stays secret, whatever happens and wherever it was typed.

use std::fs;
use std::path::Path;

use mly_emulator::{Emulator, Fault, World};

use crate::support::{TOWN, binary_at, mly};

const TOKEN: &str = "MLY|4242424242|0123456789abcdef0123456789abcdef";

/// What no output may hold: every part of the token that tells something.
const PARTS: [&str; 2] = ["4242424242", "0123456789abcdef"];

fn assert_hidden(text: &[u8], what: &str) {
    let text = String::from_utf8_lossy(text);
    assert!(!PARTS.iter().any(|part| text.contains(part)), "{what}: {text}");
}

/// Runs the real binary, whose log goes to standard error, with everything said that can be said.
fn assert_secret(args: &str, emulator: &Emulator, folder: &Path) {
    let mut command = binary_at(emulator, args);
    let done = command.env("MAPILLARY_TOKEN", TOKEN).current_dir(folder).output().unwrap();
    assert_hidden(&done.stdout, args);
    assert_hidden(&done.stderr, args);
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        assert_hidden(&fs::read(file).unwrap(), args);
    }
}

#[test]
fn no_fault_brings_the_token_to_light() {
    let faults = [
        Fault::status(500),
        Fault::status(400),
        Fault::status(401),
        Fault::status(403),
        Fault::status(429),
        Fault::block(),
        Fault::html(),
        Fault::throttle(),
        Fault::transient(),
        Fault::cut_body(),
        Fault::garbled(),
        Fault::not_found_404(),
        Fault::empty_200(),
        Fault::gzip_bomb(200 << 20),
    ];
    std::thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || {
                let emulator = Emulator::start(World::demo()).unwrap();
                emulator.fail(fault);
                let more = "-vv --retries 1 --summary s.json --progress always";
                for question in [&format!("images {TOWN}"), "image 7038203092802113 690681606212996"] {
                    let folder = tempfile::tempdir().unwrap();
                    assert_secret(&format!("{question} -o a.geojson {more}"), &emulator, folder.path());
                }
            });
        }
    });
}

#[test]
fn no_verb_repeats_the_token() {
    let emulator = Emulator::start(World::demo()).unwrap();
    for args in [
        &format!("images {TOWN} -o town.csv -vv --summary summary.json"),
        &format!("plan images {TOWN} -o plan.json -vv"),
        &format!("images {TOWN} -o town.csv -vv --cache-dir ."),
        "doctor -vv --cache-dir .",
        "doctor --record records -vv --summary summary.json",
        "budget -vv --cache-dir .",
        "cache -vv --cache-dir .",
        "run plan.json -vv",
        "completions bash",
        "--help",
        "images --help",
        "imges",
        "image 7038203092802113 7 -vv -o image.geojson --summary summary.json",
        "detections --image 7038203092802113 -vv -f coco -o d.json",
        "thumbnail 7038203092802113 7 -vv",
        "download 7038203092802113 7 --to photos -vv --summary summary.json",
        "cloud 7038203092802113 --to clouds -vv",
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert_secret(args, &emulator, folder.path());
    }
    let gone = format!("images {TOWN} -vv --retries 0 --tiles-url http://127.0.0.1:1");
    assert_secret(&gone, &emulator, tempfile::tempdir().unwrap().path());
}

#[cfg(unix)]
#[test]
fn an_emulator_accepts_the_token_of_the_user_and_does_not_print_it() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    use crate::support::binary;

    let mut command = binary("emulate --port 0 -vv");
    let command = command.env("MAPILLARY_TOKEN", TOKEN).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    let url = first.trim().strip_prefix("export MAPILLARY_GRAPH_URL='").unwrap().trim_end_matches('\'');
    mly(&format!("images {TOWN} --tiles-url {url}")).variable("MAPILLARY_TOKEN", TOKEN).done();
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    assert!(!String::from_utf8_lossy(&rest).contains("MAPILLARY_TOKEN"));
    assert_hidden(&rest, "output");
    assert_hidden(&done.stderr, "messages");
}

#[test]
fn a_token_in_the_wrong_place_is_not_echoed() {
    let encoded = TOKEN.replace('|', "%7C");
    for token in [TOKEN, &encoded] {
        for before in [
            "",
            "images",
            "images --bbox",
            "images --since",
            "images --near",
            "images --tile",
            "images --value",
            "images --within",
            "images --compass",
            "images --fields",
            "images --creator",
            "images -f",
            "images --limit",
            "images --concurrency",
            "images --timeout",
            "images --progress",
            "images --tiles-url",
            "images --graph-url",
            "images --image-type",
            "plan",
            "plan images",
            "doctor",
            "completions",
            "emulate --world",
            "emulate --fault",
            "emulate --answer",
            "emulate --port",
            "image",
            "sequence",
            "image --fields",
            "detections --image",
            "detections --from",
            "thumbnail --size",
            "download --to photos",
            "download 1 --layout --to photos",
            "images --tile 14/1/1 -o",
            "images --tile 14/1/1 --demo --fields",
        ] {
            let outcome = mly(before).arg(token).fails(if before.ends_with("-o") { 3 } else { 2 });
            assert_hidden(&outcome.out, before);
            assert_hidden(outcome.err.as_bytes(), before);
        }
        for glued in
            [format!("--{token}"), format!("-{token}"), format!("--bbox={token}"), format!("--toke={token}")]
        {
            let outcome = mly("images").arg(&glued).fails(2);
            assert_hidden(outcome.err.as_bytes(), &glued);
        }
    }
}

#[test]
fn a_token_in_a_variable_for_something_else_is_not_echoed() {
    for variable in ["MAPILLARY_GRAPH_URL", "MAPILLARY_TILES_URL"] {
        for line in ["doctor", "images --tile 14/1/1"] {
            let outcome = mly(line).variable("MAPILLARY_TOKEN", TOKEN).variable(variable, TOKEN).fails(2);
            assert_hidden(&outcome.out, line);
            assert_hidden(outcome.err.as_bytes(), line);
        }
    }
}

#[test]
fn a_token_in_a_base_url_is_not_echoed() {
    let url = format!("http://user:0123456789abcdef@127.0.0.1:1/?access_token={TOKEN}");
    for line in ["doctor --retries 0", "images --tile 14/1/1 --retries 0"] {
        let outcome = mly(line).arg("--tiles-url").arg(&url).arg("--token").arg(TOKEN).fails(5);
        assert_hidden(&outcome.out, line);
        assert_hidden(outcome.err.as_bytes(), line);
    }
}
