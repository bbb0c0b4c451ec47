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

#[cfg(unix)]
#[test]
fn bash_understands_its_completions() {
    let script = mly("completions bash").done();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mly.bash");
    std::fs::write(&file, script.out).unwrap();
    let complete = "source $0; COMP_WORDS=(mly im); COMP_CWORD=1; _mly mly im mly; echo ${COMPREPLY[*]}";
    let done = std::process::Command::new("bash").arg("-c").arg(complete).arg(&file).output().unwrap();
    assert_eq!(
        String::from_utf8(done.stdout).unwrap(),
        "images image\n",
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}
