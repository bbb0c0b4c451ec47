//! Where things are kept, and where nothing is.

use std::fs;

use insta::assert_snapshot;

use crate::read::geojson;
use crate::support::{Mly, TOWN, demo, everything, mly, names_in, own_demo};

/// Tells a command where the folders of a user are, on every system.
fn with_home(command: Mly, home: &std::path::Path) -> Mly {
    let home = home.to_str().unwrap();
    command.variable("HOME", home).variable("LOCALAPPDATA", home)
}

#[test]
fn what_other_hosts_say_is_kept_only_in_a_folder_that_was_named() {
    let home = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for verb in ["images", "sequences"] {
        with_home(mly(&format!("{verb} {TOWN}")).at(demo()), home.path()).done();
    }
    with_home(mly("image 7038203092802113").at(demo()), home.path()).done();
    with_home(mly("doctor").at(demo()), home.path()).done();
    with_home(mly("budget").at(demo()), home.path()).done();
    // One address of ours and one of somebody else is still another service.
    let half = mly("budget --token t --graph-url http://127.0.0.1:1");
    with_home(half, home.path()).done();
    assert_eq!(names_in(home.path()), [""; 0]);
    with_home(mly(&format!("images {TOWN}")).at(demo()), home.path()).keeping(folder.path()).done();
    assert_eq!(names_in(home.path()), [""; 0]);
    assert_ne!(names_in(folder.path()), [""; 0]);
}

#[test]
fn a_demo_keeps_nothing() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let images = mly(&format!("images {TOWN} --demo")).keeping(folder.path());
    with_home(images, home.path()).done();
    assert_eq!((names_in(home.path()), names_in(folder.path())), (vec![], vec![]));
}

#[test]
fn what_the_official_hosts_say_is_kept_in_the_folder_of_the_user() {
    let home = tempfile::tempdir().unwrap();
    with_home(mly("budget --token t"), home.path()).done();
    let kept = if cfg!(windows) {
        "mly"
    } else if cfg!(target_os = "macos") {
        "Library/Caches/mly"
    } else {
        ".cache/mly"
    };
    assert!(home.path().join(kept).join("budget.sqlite").is_file());
    let path = with_home(mly("cache path").at(demo()), home.path()).done();
    assert_eq!(path.text(), format!("{}\n", home.path().join(kept).join("tiles.sqlite").display()));
}

#[test]
fn a_folder_that_cannot_be_used_is_warned_of_and_done_without() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "precious").unwrap();
    let emulator = own_demo();
    let images = |options: &str| mly(&format!("images {TOWN} {options}")).keeping(&file).at(&emulator);
    for _ in 0..2 {
        let done = images("").done();
        assert_eq!(geojson(&done.out), everything("images"));
        let (warnings, rest) = done.err.split_at(done.err.find("3,697 ").unwrap());
        let heads: Vec<_> =
            warnings.lines().map(|line| line.split(": ").take(3).collect::<Vec<_>>()).collect();
        let name = file.to_str().unwrap();
        let warned = ["tiles are not cached", "requests of other processes are not counted"]
            .map(|what| ["warning", what, name]);
        assert_eq!(heads, warned, "{}", done.err);
        assert_eq!(rest.lines().count(), 1);
    }
    assert_eq!(emulator.requests().len(), 18);
    assert_eq!(images("--no-cache").done().err.lines().count(), 2, "no tiles were wanted");
    assert_eq!(images("-q").done().err.lines().count(), 2, "warnings are told of also when quiet");
    let doctor = mly("doctor").keeping(&file).at(&emulator).done().err;
    assert!(
        doctor.starts_with("warning: requests of other processes are not counted: ")
            && doctor.lines().count() == 1,
        "{doctor}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let said = mly("budget").keeping(&file).at(&emulator).fails(2).err;
    assert!(said.contains(": cannot be used: ") && said.contains("--cache-dir"), "{said}");
    assert_eq!(mly("cache").keeping(&file).done().text(), "0 tiles, 0 B\n");
}

#[test]
fn a_file_that_is_no_cache_is_made_anew() {
    let (emulator, folder) = (own_demo(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("tiles.sqlite"), vec![b'x'; 10_000]).unwrap();
    let done = mly(&format!("images {TOWN}")).keeping(folder.path()).at(&emulator).done();
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    mly(&format!("images {TOWN}")).keeping(folder.path()).at(&emulator).done();
    assert_eq!(emulator.requests().len(), 9);
}

#[test]
fn an_age_that_makes_no_sense_is_refused() {
    for age in
        ["7", "d", "-1d", "+1d", "1.5h", "7 days", "7D", "99999999999999999999s", "9999999999999999999d"]
    {
        let said = mly(&format!("images {TOWN}")).arg(format!("--max-age={age}")).at(demo()).fails(2).err;
        assert!(said.starts_with(&format!("error: --max-age: `{age}` is not a length of time\n")), "{said}");
    }
    assert_snapshot!(mly("images --max-age soon").fails(2).err, @r"
    error: --max-age: `soon` is not a length of time
    hint: give a number with s, m, h or d for its unit, such as --max-age 7d
    ");
    assert_snapshot!(mly("cache empty").fails(2).err, @r"
    error: WHAT: unknown value `empty`
    hint: known: path, size, clear
    ");
}

#[cfg(unix)]
#[test]
fn what_is_kept_can_be_read_by_its_owner_only_also_what_was_open_to_all_before() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let (emulator, outer) = (own_demo(), tempfile::tempdir().unwrap());
    let folder = outer.path().join("kept");
    for _ in 0..2 {
        mly(&format!("images {TOWN}")).keeping(&folder).at(&emulator).done();
        assert_eq!(mode(&folder), 0o700);
        for name in names_in(&folder) {
            let path = folder.join(name);
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(emulator.requests().len(), 9);
}
