//! Files that must not become larger, at any byte.

use std::fs;
use std::process::{Command, Output, Stdio};

use super::{NAMES, Place, is_at, succeeds};

/// Runs a command that may write so many blocks of 512 bytes into each file. The system sends a signal at the limit, which
/// by default ends a process.
fn limited(place: &Place, line: &str, file: &str, blocks: usize) -> Output {
    let command = place.command(line, file);
    let script = format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(command.get_program()).args(command.get_args()).env_clear();
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(place.folder.path()).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_limit_of_the_size_of_files_is_an_error_of_the_output_and_nothing_is_lost() {
    for (line, limits) in [("images", [0, 1, 7, 100, 900]), ("sequences", [0, 3, 20, 60, 150])] {
        for file in NAMES {
            let place = Place::new();
            let whole = place.whole(line, file);
            for blocks in limits {
                let name = format!("{line}, {file}, {blocks} blocks");
                let output = limited(&place, line, file, blocks);
                let said = String::from_utf8(output.stderr).unwrap();
                if output.status.success() {
                    break;
                }
                assert_eq!(output.status.code(), Some(6), "{name}: {said}");
                assert!(
                    said.starts_with("error: cannot write ") && said.contains("\nhint: "),
                    "{name}: {said}"
                );
                assert!(!said.contains("free some disk space"), "{name}: {said}");
                assert!(!place.file(file).exists(), "{name}");
            }
            if !place.file(file).exists() {
                succeeds(place.command(line, file).output().unwrap());
            }
            is_at(&place.file(file), &whole, file);
            fs::remove_file(place.file(file)).unwrap();
        }
    }
}
