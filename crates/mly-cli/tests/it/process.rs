//! The real binary, where being a process matters: signals, pipes, terminals, exit codes.

use std::fs;
use std::io::{BufRead, BufReader, Write, pipe};
#[cfg(unix)]
use std::process::Command;
use std::process::{Child, Stdio};
use std::time::Duration;

use mly_emulator::{Emulator, Fault};

use crate::read::{arrow, csv, geojson};
use crate::support::{TOWN, binary, binary_at, demo, everything, names_in, own_demo};

/// A demo world in which one tile takes longer than any test.
fn stuck() -> Emulator {
    let emulator = own_demo();
    emulator.fail(Fault::delay(Duration::from_secs(3600)).tile(14, 8601, 5411));
    emulator
}

/// Starts a crawl, and waits until it has received something.
fn midway(emulator: &Emulator, options: &str) -> Child {
    let mut command = binary_at(emulator, &format!("images {TOWN} {options}"));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while emulator.requests().is_empty() {
        std::thread::yield_now();
    }
    child
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").arg(signal).arg(child.id().to_string()).status().unwrap().success());
}

/// Begins every command to a terminal, colours among them.
const ESCAPE: u8 = 0x1b;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[cfg(unix)]
#[test]
fn an_interrupted_crawl_exits_with_130_and_can_be_gone_on_with() {
    for signal in ["-INT", "-TERM"] {
        let (emulator, folder) = (stuck(), tempfile::tempdir().unwrap());
        let child = midway(&emulator, &format!("-o {}", folder.path().join("town.csv").display()));
        assert_eq!(names_in(folder.path()), ["town.csv.unfinished"]);
        send(signal, &child);
        let std::process::Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        assert_eq!(status.code(), Some(130), "{signal}");
        assert_eq!(text(&stdout), "");
        let (error, hint) = text(&stderr).split_once('\n').unwrap();
        assert_eq!(error, "error: interrupted");
        assert!(hint.ends_with("; run the same command again\n"), "{hint}");
        assert!(
            hint.contains(" of 9 tiles fetched and saved;") || hint.contains("hint: 0 of 9 tiles fetched;"),
            "{hint}"
        );
        assert!(!folder.path().join("town.csv").exists());
        emulator.clear_faults();
        let next =
            binary_at(&emulator, &format!("images {TOWN} -o {}", folder.path().join("town.csv").display()));
        assert!({ next }.status().unwrap().success());
        assert_eq!(csv(&fs::read(folder.path().join("town.csv")).unwrap()), everything("images"));
    }
}

#[test]
fn a_killed_process_leaves_no_file_of_that_name_and_the_next_one_resumes() {
    let (emulator, folder) = (stuck(), tempfile::tempdir().unwrap());
    let path = folder.path().join("town.geojson");
    let mut child = midway(&emulator, &format!("-o {}", path.display()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names_in(folder.path()), ["town.geojson.unfinished"]);
    emulator.clear_faults();
    let next = binary_at(&emulator, &format!("images {TOWN} -o {}", path.display())).output().unwrap();
    assert!(next.status.success(), "{}", text(&next.stderr));
    assert_eq!(geojson(&fs::read(&path).unwrap()), everything("images"));
    assert_eq!(names_in(folder.path()), ["town.geojson"]);
}

#[test]
fn the_second_process_with_the_same_output_is_refused() {
    let (emulator, folder) = (stuck(), tempfile::tempdir().unwrap());
    let options = format!("-o {}", folder.path().join("town.csv").display());
    let mut first = midway(&emulator, &options);
    let second = binary_at(demo(), &format!("images {TOWN} {options}")).output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains("another process is writing it"), "{}", text(&second.stderr));
    assert_eq!(names_in(folder.path()), ["town.csv.unfinished"]);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn an_interruption_does_not_wait_for_a_reader_that_does_not_read() {
    use std::io::Read;

    let emulator = Emulator::start(mly_emulator::World::random(1, 200_000)).unwrap();
    let mut command = binary_at(&emulator, "images --bbox 8.99,51.9,9.1,52.4 --concurrency 2");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    // These are rows of the first tile, and its megabytes are more than a pipe holds.
    out.read_exact(&mut [0; 1000]).unwrap();
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_reader_that_has_gone_is_a_success() {
    let lines = [
        "--help",
        "images --help",
        "completions zsh",
        "plan images --tile 14/1/1",
        "doctor",
        "emulate --port 0",
        "image 7038203092802113",
        "thumbnail 7038203092802113",
    ];
    let formats =
        ["geojson", "geojsonseq", "csv", "arrow"].map(|format| format!("images {TOWN} -f {format}"));
    for line in lines.map(str::to_owned).into_iter().chain(formats) {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let done = binary_at(demo(), &line).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let done = done.wait_with_output().unwrap();
        assert_eq!((done.status.code(), text(&done.stderr)), (Some(0), ""), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_may_be_named_by_the_link_that_leads_to_it() {
    let line = format!("images {TOWN} -f csv -q -o");
    let piped = binary_at(demo(), &format!("{line} -")).output().unwrap();
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let named = binary_at(demo(), &format!("{line} {name}")).output().unwrap();
        assert_eq!((named.status.code(), text(&named.stderr)), (Some(0), ""), "{name}");
        assert!(named.stdout == piped.stdout, "{name}");
    }
}

#[test]
fn a_reader_may_take_the_first_line_and_go() {
    let mut command = binary(&format!("images {TOWN} --demo -f csv"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("id,sequence_id,") && first.ends_with(",latitude\r\n"), "{first}");
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && !text(&done.stderr).contains("error"), "{}", text(&done.stderr));
}

#[test]
fn data_goes_to_standard_output_and_all_else_to_standard_error() {
    let done = binary_at(demo(), &format!("images {TOWN} -f csv -vv")).output().unwrap();
    assert_eq!((done.status.code(), csv(&done.stdout)), (Some(0), everything("images")));
    let log = text(&done.stderr);
    assert_eq!(log.matches("answered url=http://127.0.0.1:").count(), 9, "{log}");
    assert!(log.lines().last().unwrap().contains(" images from 9 requests ("), "{log}");

    let emulator = own_demo();
    emulator.fail(Fault::status(503).next(1));
    let done = binary_at(&emulator, &format!("images {TOWN} -f arrow -v")).output().unwrap();
    assert_eq!(arrow(&done.stdout), everything("images"));
    let log = text(&done.stderr);
    assert_eq!(log.matches("retrying").count(), 1, "{log}");
    assert!(!log.contains("answered url"), "{log}");
}

#[test]
fn nothing_is_coloured_even_if_the_environment_asks_for_it() {
    for line in ["images --help", "imges", "doctor -vv", &format!("images {TOWN} --progress always -vv")] {
        for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")] {
            let done =
                binary_at(demo(), line).env(name, value).env("TERM", "xterm-256color").output().unwrap();
            assert!(!done.stdout.contains(&ESCAPE) && !done.stderr.contains(&ESCAPE), "{line} {name}");
        }
    }
}

#[test]
fn an_area_is_read_from_real_standard_input() {
    let mut command = binary_at(demo(), "images --within - -f csv");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let ring = "[[8.98,51.98],[9.03,51.98],[9.03,52.01],[8.98,52.01],[8.98,51.98]]";
    let area = format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#);
    child.stdin.take().unwrap().write_all(area.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(csv(&done.stdout), everything("images"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_lookup_or_download_exits_with_130_and_leaves_nothing() {
    for line in ["image 7038203092802113 -o a.csv", "download 7038203092802113 --to photos"] {
        let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
        emulator.fail(Fault::delay(Duration::from_secs(3600)));
        let mut command = binary_at(&emulator, line);
        let command = command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        while emulator.requests().is_empty() {
            std::thread::yield_now();
        }
        send("-INT", &child);
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(130), "{line}");
        let said = text(&done.stderr);
        assert!(said.starts_with("error: interrupted\nhint: 0 of 1 "), "{said}");
        assert!(!folder.path().join("a.csv").exists() && !folder.path().join("a.csv.unfinished").exists());
    }
}

#[test]
fn ids_are_piped_from_one_command_into_the_next() {
    let mut first = binary(&format!("images {TOWN} --demo -f csv --limit 60 -q"));
    let mut first = first.stdout(Stdio::piped()).spawn().unwrap();
    let mut second = binary("image - --fields make -f csv --demo");
    let done = second.stdin(first.stdout.take().unwrap()).output().unwrap();
    assert!(first.wait().unwrap().success());
    assert_eq!(text(&done.stdout).lines().count(), 61, "{}", text(&done.stderr));
    assert!(text(&done.stderr).starts_with("60 images from 2 requests "), "{}", text(&done.stderr));
}

/// Runs a command on a terminal of 80 columns and gives what the terminal received.
#[cfg(target_os = "linux")]
fn on_terminal(line: &str) -> (Option<i32>, String) {
    let line = format!("stty columns 80; {} {line}", env!("CARGO_BIN_EXE_mly"));
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line]).arg(log.path());
    let done = script.env("TERM", "xterm").stdin(Stdio::null()).output().unwrap();
    (done.status.code(), String::from_utf8(fs::read(log.path()).unwrap()).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_a_bar_and_no_binary_data() {
    let (code, shown) = on_terminal(&format!("images {TOWN} --demo -o /dev/null -f csv"));
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("/9 tiles  ") && shown.contains("images from 9 requests"), "{shown:?}");
    let colours = shown
        .split("\u{1b}[")
        .skip(1)
        .filter(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'));
    assert_eq!(colours.count(), 0, "{shown:?}");
    let (_, hushed) = on_terminal(&format!("images {TOWN} --demo -o /dev/null -f csv --progress never"));
    assert!(!hushed.contains("/9 tiles  "), "{hushed:?}");
    let (_, data) = on_terminal(&format!("images {TOWN} --demo -f csv --limit 3"));
    assert!(!data.contains("/9 tiles  ") && data.contains("id,sequence_id,"), "{data:?}");
    let (code, refused) = on_terminal(&format!("images {TOWN} --demo -f arrow"));
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("error: arrow is binary and standard output is a terminal"), "{refused}");
}

#[cfg(unix)]
#[test]
fn an_emulator_serves_until_it_is_stopped_and_that_is_a_success() {
    for signal in ["-INT", "-TERM"] {
        let mut child = binary("emulate --port 0 -q").stdout(Stdio::piped()).spawn().unwrap();
        let lines: Vec<_> =
            BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).take(3).collect();
        let client = format!("{}; {} images {TOWN} -f csv", lines.join(";"), env!("CARGO_BIN_EXE_mly"));
        let asked = Command::new("sh").arg("-c").arg(client).output().unwrap();
        assert_eq!(csv(&asked.stdout), everything("images"), "{}", text(&asked.stderr));
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let no_text = std::ffi::OsStr::from_bytes(b"--bbox=\xff");
    let done = binary_at(demo(), "images").arg(no_text).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(text(&done.stderr).lines().count(), 2, "{}", text(&done.stderr));
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.csv"));
    let done = binary_at(demo(), &format!("images {TOWN} -o")).arg(&name).output().unwrap();
    assert!(done.status.success() && name.is_file(), "a file may have any name");
}

#[test]
fn an_emulator_says_where_its_world_is_and_a_command_that_finds_it() {
    for (world, says) in [
        ("demo", "serving demo, a small invented town, from "),
        ("random:7:1000", "serving random:7:1000 from "),
        (
            "empty",
            "serving empty without any data until interrupted, with at most 64 MiB of encoded tiles in memory",
        ),
    ] {
        let mut command =
            binary(&format!("emulate --port 0 --memory 64 --world {world} --answer bbox-rule=side"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().split('\'').nth(1).unwrap().to_owned();
        let (_, token) =
            (lines.next().unwrap(), lines.next().unwrap().split('\'').nth(1).unwrap().to_owned());
        let first = said.next().unwrap();
        assert!(first.starts_with(says), "{first}");
        if world != "empty" {
            let example = said.next().unwrap();
            let args = example.strip_prefix("try: mly ").unwrap().replace(" -o images.geojson", "");
            let mut found = binary(&args);
            let found = found.env("MAPILLARY_GRAPH_URL", &url).env("MAPILLARY_TILES_URL", &url);
            let found = found.env("MAPILLARY_TOKEN", token).output().unwrap();
            assert!(geojson(&found.stdout).len() >= 1000, "{example}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
