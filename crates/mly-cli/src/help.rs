//! The help texts.

use clap::builder::Styles;
use clap::{Arg, Command, CommandFactory};
use mly::Layer;
use mly::query::Filter;

use mly::sink::Format;

use crate::args::{self, Cli};
use crate::text;

/// The parts of a verb's help that clap does not generate.
struct Page {
    verb: &'static str,
    /// What follows the verb.
    usage: &'static str,
    /// Options that are accepted, but not shown, because they have no effect here.
    hidden: &'static [&'static [&'static str]],
    /// Options whose help differs for this verb.
    special: &'static [(&'static str, &'static str)],
    /// What follows `mly VERB`, or a whole line that begins with `mly`. `@` stands for the area of the demo town.
    examples: [&'static str; 2],
}

const TOWN: &str = "--demo --bbox 8.98,51.98,9.03,52.01";

const REPORTS: &[&str] = &["summary", "progress", "verbose"];
const CONNECTION: &[&str] = &[
    "demo",
    "graph_url",
    "tiles_url",
    "concurrency",
    "retries",
    "timeout",
    "tiles_per_minute",
    "tiles_per_day",
    "cache_dir",
    "no_cache",
    "max_age",
];

/// Options that concern tiles only.
const TILES: &[&str] =
    &["tiles_url", "tiles_per_minute", "tiles_per_day", "cache_dir", "no_cache", "max_age"];
/// How requests are sent.
const SENDING: &[&str] = &["concurrency", "retries", "timeout"];

const PAGES: &[Page] = &[
    Page {
        verb: "images",
        usage: "AREA [FILTERS] [OUTPUT]",
        hidden: &[&["cut"]],
        special: &[],
        examples: ["@ -o town.geojson", "@ --since 2023 --image-type pano -f csv"],
    },
    Page {
        verb: "sequences",
        usage: "AREA [FILTERS] [OUTPUT]",
        hidden: &[],
        special: &[],
        examples: ["@ -o lines.geojson", "@ --until 2020 --limit 10 -f geojsonseq"],
    },
    Page {
        verb: "points",
        usage: "AREA [FILTERS] [OUTPUT]",
        hidden: &[&["cut"]],
        special: &[],
        examples: ["@ -o points.csv", "--demo --near 9.005,51.995 --radius 300"],
    },
    Page {
        verb: "signs",
        usage: "AREA [FILTERS] [OUTPUT]",
        hidden: &[&["cut"]],
        special: &[],
        examples: ["@ -o signs.geojson", "@ --value 'regulatory--*,warning--*' -f csv"],
    },
    Page {
        verb: "image",
        usage: "ID...|- [--fields A,B,..] [OUTPUT]",
        hidden: &[TILES],
        special: &[],
        examples: [
            "7038203092802113 --demo",
            "7038203092802113 690681606212996 --demo --fields captured_at,make -f csv",
        ],
    },
    Page {
        verb: "feature",
        usage: "ID...|- [--fields A,B,..] [OUTPUT]",
        hidden: &[TILES],
        special: &[],
        examples: [
            "11722505910527701 --demo",
            "11722505910527701 40562545447096428 --demo --fields images -f csv",
        ],
    },
    Page {
        verb: "sequence",
        usage: "ID...|- [--fields A,B,..] [OUTPUT]",
        hidden: &[TILES],
        special: &[("ids", "Ids, or - to read standard input; write -- before an id that begins with -")],
        examples: [
            "vNL-ZnfUkSC0F-xTBFq86f --demo",
            "vNL-ZnfUkSC0F-xTBFq86f --demo --fields captured_at -f csv",
        ],
    },
    Page {
        verb: "organization",
        usage: "ID...|- [--fields A,B,..] [OUTPUT]",
        hidden: &[TILES],
        special: &[],
        examples: ["2647395818226401 --demo", "2647395818226401 541903776120854 --demo -f csv"],
    },
    Page {
        verb: "detections",
        usage: "(--image ID... | --feature ID... | --from FILE) [--raw|--pixels] [OUTPUT]",
        hidden: &[TILES],
        special: &[],
        examples: ["--image 7038203092802113 --demo", "--feature 11722505910527701 --demo -f coco"],
    },
    Page {
        verb: "thumbnail",
        usage: "ID...|- [--size 256|1024|2048|original]",
        hidden: &[TILES],
        special: &[],
        examples: ["7038203092802113 --demo", "7038203092802113 690681606212996 --demo --size original"],
    },
    Page {
        verb: "download",
        usage: "ID|FILE|-... --to DIR [--size 1024] [--layout files|webdataset]",
        hidden: &[TILES],
        special: &[("concurrency", "Photos downloaded in parallel [default: 64]")],
        examples: [
            "7038203092802113 --to photos --demo",
            "7038203092802113 690681606212996 --to shards --layout webdataset --demo",
        ],
    },
    Page {
        verb: "dataset",
        usage: "FILE|- --to DIR -f coco|yolo|webdataset [--split 80,10,10] [LABELS]",
        hidden: &[TILES],
        special: &[
            ("concurrency", "Photos downloaded in parallel [default: 64]"),
            ("value", "Only these values, each a class in this order; * stands for any text"),
        ],
        examples: [
            "mly images --demo --near 9.005,51.998 -o few.csv && mly dataset few.csv --demo --to signs -f yolo",
            "mly images --demo --near 9.005,51.998 -o all.csv && mly dataset all.csv --demo --to coco -f coco",
        ],
    },
    Page {
        verb: "cloud",
        usage: "ID|FILE|-... --to DIR [-f ply|las|laz] [--frame enu|wgs84]",
        hidden: &[TILES],
        special: &[],
        examples: [
            "7038203092802113 --to clouds --demo",
            "7038203092802113 --to laz -f laz --frame wgs84 --demo",
        ],
    },
    Page {
        verb: "plan",
        usage: "images|sequences|points|signs AREA [FILTERS] [-o plan.json]",
        hidden: &[REPORTS, &["quiet", "token"], CONNECTION],
        special: &[],
        examples: ["images @", "signs --near 9.005,51.995 --radius 2000 -o plan.json"],
    },
    Page {
        verb: "run",
        usage: "PLAN|- [--partition I/N] [OUTPUT]",
        hidden: &[],
        special: &[],
        examples: [
            "mly plan signs @ -o plan.json && mly run plan.json --demo -f csv",
            "mly plan images @ -o - | mly run - --partition 2/3 --demo -f csv",
        ],
    },
    Page {
        verb: "streets",
        usage: "ROADS [--images FILE] [--ways LIST] [--gaps FILE] [OUTPUT]",
        hidden: &[],
        special: &[],
        examples: [
            "mly emulate --osm town.osm.pbf && mly streets town.osm.pbf --demo -o streets.gpkg",
            "mly emulate --osm town.json && mly streets town.json --demo --gaps gaps.gpkg -f csv",
        ],
    },
    Page {
        verb: "assets",
        usage: "SIGNS [--detections] [--roads FILE] [OUTPUT]",
        hidden: &[TILES],
        special: &[],
        examples: [
            "mly signs @ -o c.parquet && mly assets c.parquet -o assets.gpkg",
            "mly signs @ -o d.csv && mly assets d.csv --demo --detections",
        ],
    },
    Page {
        verb: "osm",
        usage: "SIGNS OSM [--country CODE] [--tags FILE] [--looks IMAGES] [OUTPUT]",
        hidden: &[&["progress", "verbose", "token"], CONNECTION],
        special: &[],
        examples: [
            "mly emulate --osm t.json && mly signs --demo --tile 14/8601/5411 -o s.csv && mly osm s.csv t.json",
            "mly osm s.csv t.json -o missing.osc",
        ],
    },
    Page {
        verb: "map",
        usage: "FILE... [-o page.html | --open]",
        hidden: &[&["progress"], TILES],
        special: &[],
        examples: [
            "mly signs @ -o e.parquet && mly map e.parquet -o signs.html",
            "mly images --demo --near 9.005,51.998 -o f.fgb && mly map f.fgb --photos 20 --demo -o f.html",
        ],
    },
    Page {
        verb: "convert",
        usage: "IN... OUT|- [-f FORMAT]",
        hidden: &[&["progress", "verbose", "token"], CONNECTION],
        special: &[(
            "layer",
            "Name of the table or layer (gpkg, fgb, pmtiles) [default: as in IN, or its file]",
        )],
        examples: [
            "mly images @ -o a.geojson && mly convert a.geojson a.parquet",
            "mly signs @ -o b.fgb && mly convert b.fgb - -f csv",
        ],
    },
    Page {
        verb: "diff",
        usage: "OLD NEW [--seen-by IMAGES] [OUTPUT]",
        hidden: &[&["progress", "verbose", "token"], CONNECTION],
        special: &[],
        examples: [
            "mly signs @ -o may.csv && mly diff may.csv may.csv --all",
            "mly images @ -o may.fgb && mly diff may.fgb may.fgb -f csv",
        ],
    },
    Page {
        verb: "emulate",
        usage: "[--world WORLD] [--as-of DATE] [--port P] [--fault FAULT]... [--answer Q=A]...",
        hidden: &[REPORTS, CONNECTION],
        special: &[],
        examples: [
            "--world random:7:1000000 --port 0 --fault status=503,every=10",
            "--port 0 --answer bbox-rule=side",
        ],
    },
    Page {
        verb: "budget",
        usage: "[--cache-dir DIR] [SERVICE]",
        hidden: &[REPORTS, &["quiet"], SENDING, &["no_cache", "max_age"]],
        special: &[],
        examples: ["--demo", "--token 'MLY|1|2' --cache-dir kept"],
    },
    Page {
        verb: "cache",
        usage: "[path|size|clear] [--cache-dir DIR]",
        hidden: &[
            REPORTS,
            &["quiet", "token"],
            SENDING,
            &["demo", "graph_url", "tiles_url", "tiles_per_minute", "tiles_per_day", "no_cache", "max_age"],
        ],
        special: &[],
        examples: ["size --cache-dir kept", "clear --cache-dir kept"],
    },
    Page {
        verb: "doctor",
        usage: "[--record DIR] [--demo] [SERVICE]",
        hidden: &[&["progress", "concurrency", "no_cache", "max_age"]],
        special: &[],
        examples: ["--demo", "--demo --record answers"],
    },
    Page {
        verb: "completions",
        usage: "bash|elvish|fish|powershell|zsh",
        hidden: &[REPORTS, &["quiet", "token"], CONNECTION],
        special: &[],
        examples: ["bash > mly.bash", "zsh > _mly"],
    },
    Page {
        verb: "man",
        usage: "[VERB | --to DIR]",
        hidden: &[REPORTS, &["quiet", "token"], CONNECTION],
        special: &[],
        examples: ["images", "--to pages"],
    },
    Page {
        verb: "help",
        usage: "[VERB]",
        hidden: &[REPORTS, &["quiet", "token"], CONNECTION],
        special: &[],
        examples: ["images", "convert"],
    },
];

/// The verbs by what they are for, in the order of the first help.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Ask for an area", &["images", "sequences", "points", "signs", "plan", "run"]),
    ("Ask by id", &["image", "feature", "sequence", "organization", "detections", "thumbnail"]),
    ("Photos and clouds", &["download", "dataset", "cloud"]),
    ("Work with results", &["map", "diff", "streets", "assets", "osm", "convert"]),
    ("Set up", &["doctor", "budget", "cache", "emulate", "completions", "man", "help"]),
];

/// About, usage and options without empty lines where none are needed.
const TEMPLATE: &str = "{about}\nUsage: {usage}\n\n{all-args}{after-help}\n";

/// Columns of the widest help.
const WIDTH: usize = 100;

/// The command line, with its help texts.
pub(crate) fn command() -> Command {
    let examples = ["mly images @ -o town.geojson".to_owned(), "mly signs @ -f csv".to_owned()];
    let command = Cli::command()
        .override_usage("mly VERB [OPTIONS]")
        .after_help(format!("{}\n\n`mly help VERB` lists the options of a verb", example_lines(&examples)))
        .max_term_width(WIDTH);
    let command = PAGES
        .iter()
        .fold(command, |command, page| command.mut_subcommand(page.verb, |verb| in_full(page.fill(verb))));
    let verbs = grouped(&command);
    command.help_template(format!(
        "{{about}}\nUsage: {{usage}}\n\n{verbs}{}\n{{options}}{{after-help}}\n",
        heading("Options")
    ))
}

/// The verbs, each with a line about it.
fn grouped(command: &Command) -> String {
    let width = PAGES.iter().map(|page| page.verb.len()).max().unwrap_or_default();
    let line = |verb: &&str| {
        let about = command.find_subcommand(verb).and_then(Command::get_about).map(ToString::to_string);
        let literal = command.get_styles().get_literal();
        format!("  {literal}{verb:width$}{literal:#}  {}\n", about.unwrap_or_default())
    };
    let group = |(name, verbs): &(&str, &[&str])| {
        format!("{}\n{}\n", heading(name), verbs.iter().map(line).collect::<String>())
    };
    GROUPS.iter().map(group).collect()
}

/// A heading in the style of those that clap writes.
fn heading(text: &str) -> String {
    let style = *Styles::styled().get_header();
    format!("{style}{text}:{style:#}")
}

/// A verb whose options have their full texts, for man pages and the reference. `--help` stays at one line for each.
fn in_full(verb: Command) -> Command {
    let name = verb.get_name().to_owned();
    verb.mut_args(|arg| {
        let Some(text) = text::of(&name, arg.get_id().as_str()) else { return arg };
        let line = arg.get_help().map(ToString::to_string).unwrap_or_default();
        // The default and the environment variables are at the end of the line.
        let end = [" [default: ", " [env: "].iter().filter_map(|word| line.find(word)).min();
        let (short, brackets) = line.split_at(end.unwrap_or(line.len()));
        arg.long_help(text.replace("{line}", short) + brackets)
    })
}

impl Page {
    fn fill(&self, command: Command) -> Command {
        let mut hidden = self.hidden.concat();
        // Filters of other layers are hidden but still parsed, so that the error can say which filters the layer has.
        if let Ok(layer) = self.verb.parse::<Layer>() {
            let misfits = Filter::ALL.iter().filter(|filter| !filter.layers.contains(&layer));
            hidden.extend(misfits.map(|filter| filter.name));
        }
        let examples = self.examples.map(|example| whole_line(self.verb, example));
        let mut command = command
            .disable_help_flag(true)
            .override_usage(format!("mly {} {}", self.verb, self.usage))
            .help_template(TEMPLATE)
            .after_help(example_lines(&examples));
        for name in hidden {
            command = command.mut_arg(name, |arg| arg.hide(true));
        }
        // All at once: clap moves an option that is changed alone behind all others.
        command.mut_args(|arg| {
            let takes_value = arg.get_action().takes_values();
            // Lets `--limit -1` fail as a wrong value and not as an unknown option `-1`.
            self.with_special_help(arg).allow_negative_numbers(takes_value)
        })
    }

    /// An option with the help that it has for this verb alone, if it has one.
    fn with_special_help(&self, arg: Arg) -> Arg {
        let name = arg.get_id().as_str();
        if (self.verb, name) == ("detections", "format") {
            // Only detections can be written as COCO.
            return arg.help(args::help::formats(Format::ALL, "by suffix"));
        }
        match self.special.iter().find(|(special, _)| *special == name) {
            Some((_, help)) => arg.help(*help),
            None => arg,
        }
    }
}

fn example_lines(examples: &[String; 2]) -> String {
    let [first, second] = examples.each_ref().map(|example| example.replace('@', TOWN));
    format!("{}\n  {first}\n  {second}", heading("Examples"))
}

/// An example as it is typed.
fn whole_line(verb: &str, example: &str) -> String {
    if example.starts_with("mly ") { example.to_owned() } else { format!("mly {verb} {example}") }
}

/// The verbs, in the order of the first help.
pub(crate) fn verbs() -> String {
    GROUPS.map(|(_, verbs)| verbs.join(", ")).join(", ")
}
