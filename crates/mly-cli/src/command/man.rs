//! `mly man`: manual pages.

use std::fs;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

use crate::args::ManVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::help;
use crate::misuse;

pub(super) fn run(args: &ManVerb, console: &mut Console) -> Result<(), Failure> {
    if let Some(folder) = &args.to {
        return write_all(folder);
    }
    let command = misuse::command_of(args.verb.as_deref())?;
    console.print(&String::from_utf8_lossy(&page(&command).1))
}

/// Writes the page of the command and one for each verb.
fn write_all(folder: &Path) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let what = format!("cannot write {}", path.display());
        move |e: std::io::Error| Failure::output(&what, &e)
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let main = help::command();
    let verbs = main.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned();
    let verbs: Vec<Command> = verbs.collect();
    for command in std::iter::once(main).chain(verbs) {
        let (name, text) = page(&command);
        let path = folder.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}

/// The file name of a page, such as `mly-images.1`, and its text.
fn page(command: &Command) -> (String, Vec<u8>) {
    let name = match command.get_name() {
        "mly" => "mly".to_owned(),
        verb => format!("mly-{verb}"),
    };
    let command = command.clone().display_name(name.clone());
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = Man::new(command)
        .title(name.to_uppercase())
        .source(concat!("mly ", env!("CARGO_PKG_VERSION")))
        .render(&mut text);
    (format!("{name}.1"), text)
}
