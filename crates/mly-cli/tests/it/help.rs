//! Help texts and their examples.

#[cfg(unix)]
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use mly::Layer;
use mly::query::{Filter, FilterKind};

use crate::support::{TOWN, binary, demo, mly, names_in, own_demo};

pub(crate) const VERBS: [&str; 28] = [
    "images",
    "sequences",
    "points",
    "signs",
    "image",
    "feature",
    "sequence",
    "organization",
    "detections",
    "thumbnail",
    "download",
    "dataset",
    "cloud",
    "plan",
    "run",
    "streets",
    "assets",
    "osm",
    "map",
    "convert",
    "diff",
    "emulate",
    "budget",
    "cache",
    "doctor",
    "completions",
    "man",
    "help",
];

fn help(verb: &str) -> String {
    mly(&format!("{verb} --help")).done().text().to_owned()
}

/// The command lines under `Examples:`.
fn examples(verb: &str) -> Vec<String> {
    let text = help(verb);
    let (_, lines) = text.split_once("\nExamples:\n").unwrap();
    lines.lines().map_while(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

#[test]
fn every_help_is_short_and_narrow_and_ends_with_two_examples() {
    for verb in VERBS.into_iter().chain([""]) {
        let text = help(verb);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(text.lines().count() <= 80 && widest <= 100, "{verb}: {widest} columns\n{text}");
        assert_eq!(examples(verb).len(), 2, "{verb}");
        assert_eq!(text, mly(&format!("{verb} -h")).done().text());
    }
    for verb in VERBS {
        assert!(help(verb).ends_with(&format!("  {}\n", examples(verb)[1])));
    }
}

#[test]
fn the_first_help_lists_the_verbs() {
    assert_snapshot!(help(""), @r"
    Fast and complete access to Mapillary: images, sequences, map features and traffic signs
    Usage: mly VERB [OPTIONS]

    Ask for an area:
      images        Get the images in an area, one row per image
      sequences     Get the sequences that touch an area, one row per sequence
      points        Get the objects in an area, such as benches, one row per map feature
      signs         Get the traffic signs in an area, one row per map feature
      plan          Show what a query would cost; sends nothing
      run           Run a stored plan, or one part of it

    Ask by id:
      image         Look up images by id, one row per image
      feature       Look up map features (objects and signs) by id, one row per feature
      sequence      List the images of sequences, by sequence id, in order of capture
      organization  Look up organizations by id, one row per organization
      detections    Get what was recognised in images, one row per detection
      thumbnail     Print URLs of photos, one per line

    Photos and clouds:
      download      Download photos, as files or tar archives
      dataset       Make a data set for training detectors: photos, labels and splits
      cloud         Download the point clouds that images belong to, one file per cloud

    Work with results:
      map           Show results on a map, as one HTML file that needs no network
      diff          Show what has changed between two results of one layer; sends nothing
      streets       Find out which streets have images, how old, and in which direction
      assets        Make an inventory: one row per physical sign or object
      osm           Compare signs with OpenStreetMap: missing, conflicting, confirmed
      convert       Convert a result to another format; sends nothing

    Set up:
      doctor        Check token, URLs and connection
      budget        Show how many requests were sent in the last 24 hours, and any block
      cache         Show or empty the tile cache
      emulate       Serve the Mapillary API on localhost, for tests and offline work
      completions   Print shell completions
      man           Print a manual page, or write all of them
      help          Show this help, or that of a verb

    Options:
      -h, --help     Show this help
      -V, --version  Print version

    Examples:
      mly images --demo --bbox 8.98,51.98,9.03,52.01 -o town.geojson
      mly signs --demo --bbox 8.98,51.98,9.03,52.01 -f csv

    `mly help VERB` lists the options of a verb
    ");
}

#[test]
fn the_help_of_a_verb_groups_its_options() {
    assert_snapshot!(help("images"), @r"
    Get the images in an area, one row per image
    Usage: mly images AREA [FILTERS] [OUTPUT]

    Area (exactly one):
          --bbox <W,S,E,N>       Box in degrees; W > E crosses the antimeridian
          --within <FILE|->      Polygons, lines or points in a file; - for standard input
          --buffer <M>           Everything within M metres of them; lines, points need it
          --area-column <FIELD>  Add a column area: this property of the feature, or index
          --nearest <K>          Only the K nearest rows of each point with a --buffer
          --near <LON,LAT>       Centre of a circle
          --radius <M>           Radius of the circle in metres [default: 50]
          --place <NAME>         The outline of a place by its name, or its id: R62422
          --places-url <URL>     Base URL of a Nominatim service [env: MLY_PLACES_URL]
          --tile <Z/X/Y>         One map tile

    Filters:
          --since <DATE>                    Captured on or after this date: 2021, 2021-03, 30d, ...
          --until <DATE>                    Captured on or before this date; 2021 means its end
          --image-type <TYPE>               all, pano or flat
          --compass <MIN,MAX>               Camera direction in degrees; MIN > MAX crosses north
          --sequence <ID,..>                Only these sequences
          --organization <ID,..>            Only these organizations
          --creator <ID,..>                 Only these creators
          --creator-username <NAME,..>      Only users of these names (uses search requests)
          --not-creator <ID,..>             Not these creators
          --not-creator-username <NAME,..>  Not users of these names (uses search requests)
          --make <M,..>                     Only cameras of these makes (uses search requests)
          --model <M,..>                    Only cameras of these models (uses search requests)
          --min-quality <Q>                 Quality score of at least Q, from 0 to 1
          --on-foot <yes|no>                Captured on foot, or not
          --looking-at <LON,LAT>            Only images that look at this position
          --spacing <M>                     Only images of a sequence that are M metres apart
          --positions <KIND>                original or computed positions [default: original]
          --prune <Z>                       Fetch zoom Z (6 to 13) first, then tiles with sequences
          --limit <N>                       At most this many rows
          --fields <A,B,..>                 Only these columns; what tiles lack is fetched by id

    Output:
          --update <FILE>     Update an earlier result; its rows that the query no longer finds are kept
          --changes <FILE>    Also write what has changed in it, as `mly diff` tells it
      -o, --output <FILE>     File to write; its suffix sets the format [default: standard output]
      -f, --format <FORMAT>   geojson, geojsonseq, csv, arrow, parquet, fgb, gpkg or pmtiles [default:
                              by suffix]
          --overwrite         Replace an existing file
          --csv-safe          In CSV, write ' before text that spreadsheets take for a formula
          --times <FORM>      How text formats write times: ms (since 1970) or iso [default: ms]
          --ids <FORM>        How GeoJSON writes ids: number or text [default: number]
          --layer <NAME>      Name of the table or layer (gpkg, fgb, pmtiles) [default: after the rows]
          --summary <FILE|->  Write counts of rows, requests and bytes, and times, as JSON
          --progress <WHEN>   Show progress: auto, always, never or json
      -q, --quiet             Print only warnings and errors
      -v, --verbose...        Log retries; -vv logs every request
      -h, --help              Show this help

    Service:
          --token <T>             Access token [env: MAPILLARY_TOKEN, MAPILLARY_ACCESS_TOKEN]
          --demo                  Use a small invented town instead of Mapillary; needs no token
          --graph-url <URL>       Base URL of the Graph API [env: MAPILLARY_GRAPH_URL]
          --tiles-url <URL>       Base URL of the vector tiles [env: MAPILLARY_TILES_URL]
          --concurrency <N>       Requests sent in parallel [default: 8]
          --retries <N>           Retries of a failed request [default: 5]
          --timeout <S>           Seconds to wait for a response [default: 120]
          --tiles-per-minute <N>  Tiles per minute; 0 means no limit [default: 40]
          --tiles-per-day <N>     Tiles per day; 0 means no limit [default: 10000]
          --cache-dir <DIR>       Folder of the tile cache and request counts [env: MLY_CACHE_DIR]
          --no-cache              Neither use nor fill the tile cache
          --max-age <TIME>        Use cached tiles up to this age: 12h, 7d, ... [default: 7d]

    Examples:
      mly images --demo --bbox 8.98,51.98,9.03,52.01 -o town.geojson
      mly images --demo --bbox 8.98,51.98,9.03,52.01 --since 2023 --image-type pano -f csv
    ");
}

/// The long names of the options in a help.
fn options_shown(help: &str) -> Vec<String> {
    let lines = help.lines().filter(|line| line.trim_start().starts_with('-'));
    lines.map(|line| line.split([' ', '.']).find(|word| word.starts_with("--")).unwrap().to_owned()).collect()
}

#[test]
fn verbs_do_not_show_options_that_make_no_sense_for_them() {
    let options = |verb: &str| options_shown(&help(verb)).join(" ");
    let shown: Vec<_> = VERBS.iter().skip(1).map(|verb| format!("{verb}: {}", options(verb))).collect();
    assert_snapshot!(shown.join("\n"), @r"
    sequences: --bbox --within --buffer --area-column --nearest --near --radius --place --places-url --tile --since --until --image-type --sequence --organization --creator --not-creator --min-quality --on-foot --positions --cut --prune --limit --fields --update --changes --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --tiles-url --concurrency --retries --timeout --tiles-per-minute --tiles-per-day --cache-dir --no-cache --max-age
    points: --bbox --within --buffer --area-column --nearest --near --radius --place --places-url --tile --value --first-seen-since --first-seen-until --last-seen-since --last-seen-until --prune --limit --fields --update --changes --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --tiles-url --concurrency --retries --timeout --tiles-per-minute --tiles-per-day --cache-dir --no-cache --max-age
    signs: --bbox --within --buffer --area-column --nearest --near --radius --place --places-url --tile --value --first-seen-since --first-seen-until --last-seen-since --last-seen-until --prune --limit --fields --update --changes --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --tiles-url --concurrency --retries --timeout --tiles-per-minute --tiles-per-day --cache-dir --no-cache --max-age
    image: --fields --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    feature: --fields --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    sequence: --fields --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    organization: --fields --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    detections: --image --feature --from --raw --pixels --with-empty --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    thumbnail: --size --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    download: --to --size --layout --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    dataset: --value --classes --negatives --to --format --size --split --by --crops-of-pano --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    cloud: --to --format --frame --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    plan: --bbox --within --buffer --area-column --nearest --near --radius --place --places-url --tile --since --until --image-type --compass --sequence --organization --creator --creator-username --not-creator --not-creator-username --make --model --min-quality --on-foot --looking-at --spacing --positions --value --first-seen-since --first-seen-until --last-seen-since --last-seen-until --cut --prune --limit --fields --output --overwrite --help
    run: --partition --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --tiles-url --concurrency --retries --timeout --tiles-per-minute --tiles-per-day --cache-dir --no-cache --max-age
    streets: --images --ways --as-of --fresh --aging --yes --gaps --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --tiles-url --concurrency --retries --timeout --tiles-per-minute --tiles-per-day --cache-dir --no-cache --max-age
    assets: --detections --roads --crops --within-m --as-of --output --format --overwrite --csv-safe --times --ids --layer --summary --progress --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    osm: --country --tags --looks --permanent --as-of --output --format --overwrite --csv-safe --times --ids --layer --summary --quiet --help
    map: --basemap --photos --output --open --overwrite --summary --quiet --verbose --help --token --demo --graph-url --concurrency --retries --timeout
    convert: --format --overwrite --csv-safe --times --ids --layer --summary --quiet --help
    diff: --seen-by --within-m --lag --all --as-of --old-within --new-within --output --format --overwrite --csv-safe --times --ids --layer --summary --quiet --help
    emulate: --world --as-of --osm --port --fault --answer --memory --quiet --help --token
    budget: --forget-block --help --token --demo --graph-url --tiles-url --tiles-per-minute --tiles-per-day --cache-dir
    cache: --help --cache-dir
    doctor: --record --summary --quiet --verbose --help --token --demo --graph-url --tiles-url --retries --timeout --tiles-per-minute --tiles-per-day --cache-dir
    completions: --help
    man: --to --help
    help: --help
    ");
}

#[test]
fn what_is_not_shown_is_accepted_all_the_same() {
    let common = "--token t --concurrency 2 --retries 1 --timeout 9 --tiles-per-minute 0 --tiles-per-day 0 -q -v \
                  --progress never";
    let town = format!("images {TOWN} --demo");
    for line in ["plan images --tile 14/1/1", "completions fish", "doctor --demo", &town] {
        let folder = tempfile::tempdir().unwrap();
        let summary = folder.path().join("summary.json");
        let mut command = binary(&format!("{line} {common} --summary {}", summary.display()));
        assert!(command.output().unwrap().status.success(), "{line}");
        assert_eq!(names_in(folder.path()), ["summary.json"]);
    }
    for line in ["plan images --tile 14/1/1", "completions fish"] {
        mly(&format!("{line} --demo")).done();
        mly(&format!("{line} --graph-url http://localhost:1 --tiles-url http://localhost:1")).done();
    }
}

/// The options of a verb between two headings.
fn filters_shown(verb: &str) -> Vec<String> {
    let text = help(verb);
    let (_, rest) = text.split_once("\nFilters:\n").unwrap();
    let options = rest.split("\n\n").next().unwrap().lines();
    options.map(|line| line.trim().split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn the_filters_shown_are_those_that_the_layer_has() {
    let value = |option: &str| match option {
        "--limit" => "1",
        "--fields" => "id",
        "--cut" => "",
        "--prune" => "8",
        _ => match Filter::ALL.iter().find(|f| option == format!("--{}", f.name)).unwrap().kind {
            FilterKind::Since | FilterKind::Until => "2023",
            FilterKind::ImageType => "pano",
            FilterKind::Sector => "0,90",
            FilterKind::Position => "9,52",
            FilterKind::NumericIds => "1",
            FilterKind::LeastShare => "0.5",
            FilterKind::YesNo => "no",
            FilterKind::Metres => "5",
            FilterKind::Positions => "computed",
            FilterKind::TextIds => "abcdefghijklmnopqrstuv",
            _ => "x",
        },
    };
    let all = filters_shown("plan");
    assert_eq!(all.len(), Filter::ALL.len() + 4);
    for layer in ["images", "sequences", "points", "signs"] {
        let shown = filters_shown(layer);
        for option in &all {
            let code = mly(&format!("plan {layer} --tile 14/1/1 {option} {}", value(option))).run().code;
            assert_eq!(code, if shown.contains(option) { 0 } else { 2 }, "{layer} {option}");
        }
    }
}

/// A file of this repository.
fn text_of(path: &str) -> String {
    std::fs::read_to_string(format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What stands between two texts, the second of which comes next after the first.
fn between<'a>(text: &'a str, first: &str, next: &str) -> &'a str {
    text.split_once(first).unwrap().1.split(next).next().unwrap()
}

#[test]
fn a_filter_of_the_table_is_an_option_a_keyword_and_in_the_docs() {
    let (command, python) = (text_of("docs/reference/cli.md"), text_of("docs/reference/python.md"));
    let stubs = text_of("python/package/mly/_mly.pyi");
    let stubs = between(&stubs, "class Query:", "\nclass ");
    for layer in Layer::ALL {
        let page = between(&command, &format!("## mly {layer}\n"), "\n## ").to_owned();
        let section = between(&python, &format!("### Query.{layer}\n"), "\n### ");
        let stub = between(stubs, &format!("def {layer}("), "def ");
        for filter in Filter::ALL {
            let option = format!("--{} <{}>", filter.name, filter.placeholder);
            let mut lines = help(layer.name()).lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
            lines.retain(|line| line.starts_with(&option) && line.ends_with(filter.help));
            let code = option.replace('<', "&lt;").replace('>', "&gt;");
            let address = format!("<dt id=\"mly-{layer}--{0}\"><a href=\"#mly-{layer}--{0}\">", filter.name);
            let is_entry = page.contains(&format!("{address}<code>{code}</code></a></dt>"));
            let is_keyword = |text: &str| text.contains(&format!(" {}: ", filter.keyword()));
            let places = [lines.len() == 1, is_entry, is_keyword(section), is_keyword(stub)];
            assert_eq!(places, [filter.layers.contains(&layer); 4], "{} of {layer}", filter.name);
        }
    }
}

#[test]
fn the_reference_tells_every_option_of_every_help_at_more_length() {
    let told: serde_json::Value = serde_json::from_str(mly("reference").done().text()).unwrap();
    let verbs = told["verbs"].as_array().unwrap();
    assert_eq!(verbs.iter().map(|verb| verb["name"].as_str().unwrap()).collect::<Vec<_>>(), VERBS);
    for verb in verbs {
        let shown = help(verb["name"].as_str().unwrap());
        // A long line of the help is broken.
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for option in verb["options"].as_array().unwrap() {
            let line = option["help"].as_str().unwrap();
            assert!(words.contains(line), "{line} in {shown}");
            let text = option["text"].as_str().unwrap_or(line);
            // A text that says no more than the line is none.
            assert!(text.len() > line.len() || option["text"].is_null(), "{text}");
        }
        let longs = verb["options"].as_array().unwrap().iter().filter_map(|option| option["long"].as_str());
        assert_eq!(longs.map(|name| format!("--{name}")).collect::<Vec<_>>(), options_shown(&shown));
    }
}

#[cfg(unix)]
#[test]
fn every_example_of_every_help_works() {
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_mly")).parent().unwrap();
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap());
    for verb in VERBS.into_iter().chain([""]).filter(|verb| *verb != "emulate") {
        let folder = tempfile::tempdir().unwrap();
        for example in examples(verb) {
            let mut shell = Command::new("sh");
            let done =
                shell.arg("-c").arg(&example).current_dir(folder.path()).env_clear().env("PATH", &path);
            let done = done.output().unwrap();
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success() && !said.contains("error"), "{example}: {said}");
            assert!(!said.contains(" 0 "), "{example} finds nothing: {said}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_examples_of_emulate_serve_until_they_are_stopped() {
    use std::io::{BufRead, BufReader};

    for example in examples("emulate") {
        let args = example.strip_prefix("mly ").unwrap();
        let mut command = binary(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let first = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        assert!(first.starts_with("export MAPILLARY_GRAPH_URL='http://127.0.0.1:"), "{first}");
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(child.wait().unwrap().success(), "{example}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    for flag in ["--version", "-V"] {
        assert_eq!(mly(flag).done().text(), format!("mly {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn help_asks_nothing_and_wins_over_other_mistakes() {
    let emulator = own_demo();
    mly("images --help --bbox 1,2").at(&emulator).done();
    mly("images --bbox 1,2,3,4 -h").at(demo()).done();
    assert_eq!(emulator.requests(), []);
}
