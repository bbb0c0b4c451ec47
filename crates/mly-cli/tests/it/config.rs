//! Settings from `mly.toml`.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::support::{Mly, demo, mly};

/// A command whose user has this `mly.toml`, and the folder that holds it.
fn with_settings(text: &str, args: &str) -> (tempfile::TempDir, Mly) {
    let home = tempfile::tempdir().unwrap();
    for folder in ["mly", ".config/mly", "Library/Application Support/mly"] {
        let folder = home.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        write(&folder.join("mly.toml"), text);
    }
    let path = home.path().to_str().unwrap().to_owned();
    let command = mly(args).variable("HOME", &path).variable("APPDATA", &path);
    (home, command)
}

/// Writes a file that only its owner may read.
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// What is printed, with the name of the file alone in place of its path.
fn told(home: &tempfile::TempDir, text: &str) -> String {
    let path = home.path().to_str().unwrap();
    let words = text.split(' ').map(|word| if word.contains(path) { "FILE" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn settings_of_a_file_count_as_if_they_were_written_on_the_command_line() {
    let (_home, command) =
        with_settings("demo = true\nlimit = 3\nformat = \"csv\"\nfields = [\"id\", \"value\"]\n", "signs");
    let done = command.arg("--bbox").arg("8.98,51.98,9.03,52.01").done();
    let text = String::from_utf8(done.out).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.starts_with("id,value"), "{text}");
}

#[test]
fn the_command_line_and_variables_count_more_than_a_file() {
    let text = "limit = 3\nformat = \"geojson\"\ngraph-url = \"http://localhost:1\"\ntiles-url = \"http://localhost:1\"\n";
    let (_home, command) = with_settings(text, "signs --limit 5 -f csv --bbox 8.98,51.98,9.03,52.01");
    let done = command.at(demo()).done();
    assert_eq!(String::from_utf8(done.out).unwrap().lines().count(), 6);
    // `--demo` excludes the URLs of the file.
    let (_home, command) = with_settings(text, "signs --demo -f csv --bbox 8.98,51.98,9.03,52.01");
    assert_eq!(String::from_utf8(command.done().out).unwrap().lines().count(), 4);
}

#[test]
fn a_setting_that_a_verb_does_not_have_is_left_alone() {
    let (_home, command) =
        with_settings("size = 256\nradius = 20\n", "plan images --bbox 8.98,51.98,9.03,52.01");
    let done = command.variable("MLY_CACHE_DIR", "").fails(2);
    assert!(done.err.contains("--radius needs --near"), "{}", done.err);
    let (_home, command) = with_settings("size = 256\n", "plan images --bbox 8.98,51.98,9.03,52.01");
    command.done();
}

#[test]
fn a_file_with_a_mistake_is_refused_and_its_lines_are_not_shown() {
    let refused = |text: &str| {
        let (home, command) = with_settings(text, "plan images --bbox 8.98,51.98,9.03,52.01");
        told(&home, &command.fails(2).err)
    };
    assert_snapshot!(refused("tiles_per_minute = 20\n"), @"
    error: FILE unknown setting `tiles_per_minute`
    hint: did you mean `tiles-per-minute`?
    ");
    assert_snapshot!(refused("colour = 1\n"), @"
    error: FILE unknown setting `colour`
    hint: settings are named as the long options, without the dashes in front; see mly VERB --help
    ");
    assert_snapshot!(refused("demo = 1\n"), @"
    error: FILE demo is not true or false
    hint: see --demo in mly VERB --help
    ");
    let secret = refused("\ntoken = \"MLY|1|secret\n");
    assert!(secret.contains("line 2") && !secret.contains("secret"), "{secret}");
}

#[test]
fn a_url_of_a_file_is_told_and_a_broken_file_does_not_prevent_help() {
    let text = format!("graph-url = \"{0}\"\ntiles-url = \"{0}\"\n", demo().url());
    let (home, command) = with_settings(&text, "signs -f csv --limit 1 --bbox 8.98,51.98,9.03,52.01");
    let done = command.variable("MAPILLARY_TOKEN", demo().token()).done();
    let notes: Vec<_> = done.err.lines().filter(|line| line.starts_with("note: ")).collect();
    assert_eq!(notes.len(), 2, "{}", done.err);
    assert_eq!(told(&home, notes[0]), "note: FILE sets graph-url");
    with_settings("[", "signs --help").1.done();
}

#[cfg(unix)]
#[test]
fn a_token_in_a_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let ask = |mode: u32| {
        let text = format!("token = \"{}\"\n", demo().token());
        let (home, command) = with_settings(&text, "signs -f csv --limit 1 --bbox 8.98,51.98,9.03,52.01");
        for folder in ["mly", ".config/mly", "Library/Application Support/mly"] {
            let path = home.path().join(folder).join("mly.toml");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let urls = [("MAPILLARY_GRAPH_URL", demo().url()), ("MAPILLARY_TILES_URL", demo().url())];
        let command = urls.iter().fold(command, |command, (name, url)| command.variable(name, url));
        (home, command)
    };
    ask(0o600).1.done();
    let (home, command) = ask(0o644);
    let err = command.fails(2).err;
    assert!(!err.contains(demo().token()), "{err}");
    assert_snapshot!(told(&home, err.lines().next().unwrap()), @"error: FILE has a token, and other users may read it");
    assert!(err.contains("chmod 0600"), "{err}");
}

#[test]
fn the_file_in_this_folder_counts_before_that_of_the_user() {
    let (home, _) = with_settings("limit = 3\nfields = [\"id\"]\n", "signs");
    let here = tempfile::tempdir().unwrap();
    write(&here.path().join("mly.toml"), "limit = 1\n");
    let done = Command::new(env!("CARGO_BIN_EXE_mly"))
        .args(["signs", "--demo", "-q", "-f", "csv", "--bbox", "8.98,51.98,9.03,52.01"])
        .current_dir(here.path())
        .env("HOME", home.path())
        .env("APPDATA", home.path())
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap().lines().collect::<Vec<_>>().len(), 2);
}
