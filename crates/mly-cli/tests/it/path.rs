//! Paths as systems have them: long ones, absolute ones, names that are not ASCII, names of devices.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::lookup::{ids, still};
use crate::read::csv;
use crate::support::{Mly, TOWN, binary_at, demo, everything, mly, names_in, own_demo, without_folder};

/// A name for each format whose file can be asked for by its extension.
const NAMES: [&str; 7] = ["a.arrow", "a.csv", "a.fgb", "a.geojson", "a.geojsonl", "a.gpkg", "a.parquet"];

fn images(path: &Path) -> Mly {
    mly(&format!("images {TOWN} -q")).to(path).at(demo())
}

/// Results in all formats, photos and tiles go into a folder as into any other.
fn assert_writable(folder: &Path) {
    let usual = TempDir::new().unwrap();
    for name in NAMES {
        images(&folder.join(name)).done();
        images(&folder.join(name)).arg("--overwrite").done();
        images(&usual.path().join(name)).done();
        assert!(fs::read(folder.join(name)).unwrap() == fs::read(usual.path().join(name)).unwrap(), "{name}");
        let again = folder.join("again").with_extension("csv");
        mly("convert").arg(folder.join(name)).arg(&again).done();
        fs::remove_file(again).unwrap();
    }
    assert_eq!(names_in(folder), NAMES);
    let photos = folder.join("photos");
    mly(&format!("download --size 256 {}", ids("images", 2).join(" ")))
        .arg("--to")
        .arg(&photos)
        .at(still())
        .done();
    let cache = folder.join("cache");
    let emulator = own_demo();
    for _ in 0..2 {
        mly(&format!("images {TOWN} -f csv --cache-dir")).arg(&cache).at(&emulator).done();
    }
    assert_eq!(emulator.requests().len(), 9, "the second run finds all tiles in the cache");
    mly("cache clear --cache-dir").arg(&cache).done();
}

#[test]
fn a_folder_may_have_any_language_and_blanks() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("Zürich 東京 🚲");
    fs::create_dir(&inner).unwrap();
    assert_writable(&inner);
}

#[test]
fn a_path_may_be_longer_than_260_characters() {
    let folder = TempDir::new().unwrap();
    let inner: PathBuf =
        [folder.path(), Path::new(&"a".repeat(140)), Path::new(&"b".repeat(140))].iter().collect();
    fs::create_dir_all(&inner).unwrap();
    assert_writable(&inner);
}

#[test]
fn an_absolute_path_may_be_written_as_the_system_writes_it() {
    // On Windows such a path begins with `\\?\`, and no other rules of paths hold in it.
    let folder = TempDir::new().unwrap();
    assert_writable(&folder.path().canonicalize().unwrap());
}

#[test]
fn a_name_that_is_not_ascii_is_said_as_it_is() {
    let folder = TempDir::new().unwrap();
    let mut command = binary_at(demo(), &format!("images {TOWN} -o Zürich-東京.csv"));
    let done = command.current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.ends_with(" s -> Zürich-東京.csv\n"), "{said}");
    assert_eq!(csv(&fs::read(folder.path().join("Zürich-東京.csv")).unwrap()), everything("images"));
}

#[test]
fn names_that_windows_takes_for_something_else_are_refused_there() {
    let folder = TempDir::new().unwrap();
    for name in ["CON.csv", "aux.csv", "Lpt1.tar.csv", "ab:c.csv", "what?.csv"] {
        let path = folder.path().join(name);
        if cfg!(windows) {
            let said = without_folder(&images(&path).fails(2).err, folder.path());
            assert!(said.starts_with(&format!("error: cannot write {name}: ")), "{said}");
            assert!(said.ends_with("\nhint: choose another name\n"), "{said}");
        } else {
            images(&path).done();
            fs::remove_file(&path).unwrap();
        }
    }
    let photos = |name: &str| {
        let download = mly(&format!("download {}", ids("images", 1)[0])).arg("--to");
        download.arg(folder.path().join(name)).at(still())
    };
    for name in ["nul", "photos.", "photos "] {
        if cfg!(windows) {
            photos(name).fails(2);
        } else {
            photos(name).done();
            fs::remove_dir_all(folder.path().join(name)).unwrap();
        }
    }
    assert_eq!(names_in(folder.path()), [""; 0]);
}

#[cfg(windows)]
#[test]
fn a_file_that_another_program_keeps_to_itself_is_told_and_replaced_later() {
    use std::os::windows::fs::OpenOptionsExt;

    /// Others may read the file, and not write, remove or rename it.
    const FILE_SHARE_READ: u32 = 1;

    let folder = TempDir::new().unwrap();
    for name in NAMES {
        let path = folder.path().join(name);
        fs::write(&path, "an earlier result").unwrap();
        let kept = fs::File::options().read(true).share_mode(FILE_SHARE_READ).open(&path).unwrap();
        let said = images(&path).arg("--overwrite").fails(6).err;
        assert!(said.ends_with("; close other programs that have the file open, and try again\n"), "{said}");
        assert_eq!(fs::read(&path).unwrap(), b"an earlier result");
        drop(kept);
        images(&path).arg("--overwrite").done();
        fs::remove_file(&path).unwrap();
        assert_eq!(names_in(folder.path()), [""; 0]);
    }
}
