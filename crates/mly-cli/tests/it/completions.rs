//! Completions, as shells take them.

use crate::help::VERBS;
use crate::support::mly;

#[test]
fn every_shell_gets_completions_of_verbs_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = mly(&format!("completions {shell}")).done();
        for word in VERBS.into_iter().chain(["bbox", "image-type", "looking-at"]) {
            assert!(script.text().contains(word), "{shell} does not know {word}");
        }
    }
}

/// What bash offers after these words, the last of which is being typed.
#[cfg(unix)]
fn offered(words: &str) -> Vec<String> {
    let script = mly("completions bash").done();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mly.bash");
    std::fs::write(&file, script.out).unwrap();
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    std::fs::write(work.join("a-file"), "").unwrap();
    let count = words.split(' ').count();
    let typed: Vec<_> = words.split(' ').collect();
    let (current, previous) = (typed[count - 1], typed[count - 2]);
    let words: Vec<_> = typed.iter().map(|word| format!("'{word}'")).collect();
    let complete = format!(
        // Outside of an interactive shell it has nothing to do.
        "compopt() {{ :; }}; source $0; COMP_WORDS=({}); COMP_CWORD={}; _mly mly '{current}' '{previous}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        count - 1
    );
    let mut bash = std::process::Command::new("bash");
    let done = bash.current_dir(&work).arg("-c").arg(complete).arg(&file).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn bash_understands_its_completions() {
    assert_eq!(offered("mly im"), ["images", "image"]);
}

#[cfg(unix)]
#[test]
fn options_offer_their_words_and_file_names_only_where_a_file_is_named() {
    assert_eq!(offered("mly images --image-type "), ["all", "pano", "flat"]);
    assert_eq!(offered("mly signs --times "), ["ms", "iso"]);
    assert!(offered("mly signs --format ").contains(&"gpkg".to_owned()));
    assert!(offered("mly signs --fields ").contains(&"last_seen_at".to_owned()));
    assert_eq!(offered("mly signs --since "), [""; 0]);
    assert_eq!(offered("mly images --within "), ["a-file"]);
    let after_plan = offered("mly plan ");
    assert!(
        ["images", "sequences", "points", "signs"]
            .iter()
            .all(|layer| after_plan.iter().any(|word| word == layer))
    );
    assert!(!after_plan.contains(&"a-file".to_owned()));
}
