//! `mly completions`: the script that a shell needs to complete options.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use mly::Layer;
use mly::sink::Format;

use crate::args::CompletionsVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::help;

/// Options and arguments that name a file.
const FILES: [&str; 17] = [
    "within", "output", "update", "changes", "summary", "plan", "from", "image", "feature", "images", "gaps",
    "roads", "looks", "tags", "seen_by", "osm", "classes",
];

/// Options that name a folder.
const FOLDERS: [&str; 5] = ["to", "cache_dir", "record", "world", "crops"];

pub(super) fn run(args: &CompletionsVerb, console: &mut Console) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut offering(help::command()), "mly", &mut script);
    console.print(&String::from_utf8_lossy(&script))
}

/// The command line, with what each option can be: words, files, folders or nothing that a shell could know.
fn offering(command: Command) -> Command {
    // The texts live as long as the process, which ends after it has printed them.
    let verbs: Vec<&'static str> =
        command.get_subcommands().map(|verb| &*verb.get_name().to_owned().leak()).collect();
    command.mut_subcommands(|verb| {
        let name = verb.get_name().to_owned();
        verb.mut_args(|arg| {
            if !arg.get_action().takes_values() {
                return arg;
            }
            let words = words(&name, &arg, &verbs);
            if !words.is_empty() {
                return arg.value_parser(PossibleValuesParser::new(words));
            }
            let id = arg.get_id().as_str();
            let hint = if FOLDERS.contains(&id) {
                ValueHint::DirPath
            } else if FILES.contains(&id) || arg.is_positional() {
                ValueHint::AnyPath
            } else {
                ValueHint::Other
            };
            arg.value_hint(hint)
        })
    })
}

/// The words that an option of a verb takes; none if it takes others too.
fn words(verb: &str, arg: &Arg, verbs: &[&'static str]) -> Vec<&'static str> {
    let of = |words: &[&'static str]| words.to_vec();
    match (verb, arg.get_id().as_str()) {
        ("plan", "layer") => Layer::ALL.map(Layer::name).to_vec(),
        ("help" | "man", "verb") => verbs.to_vec(),
        ("cloud", "format") => of(&["ply", "las", "laz"]),
        ("dataset", "format") => of(&["coco", "yolo", "webdataset"]),
        ("detections" | "convert", "format") => Format::ALL.map(Format::name).to_vec(),
        ("osm", "format") => {
            Format::of_any_rows().map(Format::name).chain(["maproulette", "osm", "osc"]).collect()
        }
        (_, "format") => Format::of_any_rows().map(Format::name).collect(),
        (_, "fields") => verb
            .parse::<Layer>()
            .map_or_else(|_| Vec::new(), |layer| layer.columns().iter().map(|column| column.name).collect()),
        (_, "image-type") => of(&["all", "pano", "flat"]),
        (_, "positions") => of(&["original", "computed"]),
        (_, "on-foot") => of(&["yes", "no"]),
        (_, "times") => of(&["ms", "iso"]),
        (_, "ids_as") => of(&["number", "text"]),
        (_, "size") => of(&["256", "1024", "2048", "original"]),
        (_, "layout") => of(&["files", "webdataset"]),
        (_, "frame") => of(&["enu", "wgs84"]),
        _ => arg.get_possible_values().iter().map(|value| &*value.get_name().to_owned().leak()).collect(),
    }
}
