//! Bad usage and bad input: exit code 2, one error, one hint, and nothing is sent.

mod area;
mod filter;
mod id;
mod lookup;
mod setting;

use std::fmt::Write;

use insta::assert_snapshot;
use mly_emulator::Emulator;

use crate::support::{Mly, TOWN, demo, mly, own_demo, without_system};

/// What commands say when they are refused; `@` stands for the area of the demo town.
fn refused(lines: &[&str]) -> String {
    let emulator = own_demo();
    lines.iter().fold(String::new(), |mut said, line| {
        let err = refusal(&emulator, mly(&line.replace('@', TOWN)));
        writeln!(said, "{}\n{err}", format!("$ mly {line}").trim_end()).unwrap();
        said
    })
}

fn refusal(emulator: &Emulator, command: Mly) -> String {
    let outcome = command.at(emulator).fails(2);
    assert!(outcome.out.is_empty());
    assert_eq!(emulator.requests(), []);
    without_system(&outcome.err)
}

#[test]
fn a_verb_that_does_not_exist_names_the_nearest() {
    assert_snapshot!(refused(&["imges", "image --bbox 1,2,3,4", "sings", "transmute a b", "help transmute"]), @r"
    $ mly imges
    error: unknown verb `imges`
    hint: did you mean `images`?

    $ mly image --bbox 1,2,3,4
    error: unexpected argument '--bbox' found
    hint: areas go with the verbs images, sequences, points and signs

    $ mly sings
    error: unknown verb `sings`
    hint: did you mean `signs`?

    $ mly transmute a b
    error: unknown verb `transmute`
    hint: verbs are images, sequences, points, signs, plan, run, image, feature, sequence, organization, detections, thumbnail, download, dataset, cloud, map, diff, streets, assets, osm, convert, doctor, budget, cache, emulate, completions, man, help; see --help

    $ mly help transmute
    error: unknown verb `transmute`
    hint: verbs are images, sequences, points, signs, plan, run, image, feature, sequence, organization, detections, thumbnail, download, dataset, cloud, map, diff, streets, assets, osm, convert, doctor, budget, cache, emulate, completions, man, help; see --help
    ");
}

#[test]
fn words_that_people_try_have_hints_that_fit() {
    assert_snapshot!(refused(&[
        "photos --bbox 1,2,3,4",
        "traffic-signs @",
        "version",
        "login",
        "quota",
        "images --lat 52 --lon 9",
        "image 1 --lat 52",
        "signs @ --start-date 2020",
        "images @ --out a.csv",
        "images @ --geojson",
        "images @ -f json",
        "images @ -f .ndjson",
        "images @ -f GeoPackage",
        "images @ -f shapefile",
        "images @ -f parket",
        "images @ --since -1y",
    ]), @r"
    $ mly photos --bbox 1,2,3,4
    error: unknown verb `photos`
    hint: did you mean `download`?

    $ mly traffic-signs @
    error: unknown verb `traffic-signs`
    hint: did you mean `signs`?

    $ mly version
    error: unknown verb `version`
    hint: did you mean `--version`?

    $ mly login
    error: unknown verb `login`
    hint: there is no login: set MAPILLARY_TOKEN or pass --token; `mly doctor` checks it

    $ mly quota
    error: unknown verb `quota`
    hint: did you mean `budget`?

    $ mly images --lat 52 --lon 9
    error: unexpected argument '--lat' found
    hint: a position is --near LON,LAT --radius M

    $ mly image 1 --lat 52
    error: unexpected argument '--lat' found
    hint: mly image ID...|- [--fields A,B,..] [OUTPUT]; see --help

    $ mly signs @ --start-date 2020
    error: unexpected argument '--start-date' found
    hint: the first date is --since DATE

    $ mly images @ --out a.csv
    error: unexpected argument '--out' found
    hint: the file is -o FILE

    $ mly images @ --geojson
    error: unexpected argument '--geojson' found
    hint: the format is -f FORMAT, or the suffix of -o FILE

    $ mly images @ -f json
    error: --format: unknown format `json`
    hint: did you mean `geojson`?

    $ mly images @ -f .ndjson
    error: --format: unknown format `.ndjson`
    hint: did you mean `geojsonseq`?

    $ mly images @ -f GeoPackage
    error: --format: unknown format `GeoPackage`
    hint: did you mean `gpkg`?

    $ mly images @ -f shapefile
    error: --format: unknown format `shapefile`
    hint: did you mean `gpkg`?

    $ mly images @ -f parket
    error: --format: unknown format `parket`
    hint: did you mean `parquet`?

    $ mly images @ --since -1y
    error: --since: `-1y` is not a date
    hint: write 2021, 2021-03, 2021-03-04, 2021-03-04T05:06:07Z, today, yesterday, or 30d, 6w, 6m, 2y (ago)
    ");
}

#[test]
fn an_option_that_does_not_exist_names_the_nearest() {
    assert_snapshot!(refused(&[
        "images --bbx 1,2,3,4",
        "signs @ --valeu x",
        "images @ --journal x",
        "images @ surprise",
        "--bbox 1,2,3,4 images",
        "images @ --cut=yes",
        "images @ @",
        "images @ --demo --tiles-url http://localhost:1",
    ]), @r"
    $ mly images --bbx 1,2,3,4
    error: unexpected argument '--bbx' found
    hint: did you mean `--bbox`?

    $ mly signs @ --valeu x
    error: unexpected argument '--valeu' found
    hint: did you mean `--value`?

    $ mly images @ --journal x
    error: unexpected argument '--journal' found
    hint: mly images AREA [FILTERS] [OUTPUT]; see --help

    $ mly images @ surprise
    error: unexpected argument 'surprise' found
    hint: mly images AREA [FILTERS] [OUTPUT]; see --help

    $ mly --bbox 1,2,3,4 images
    error: unexpected argument '--bbox' found
    hint: areas go with the verbs images, sequences, points and signs

    $ mly images @ --cut=yes
    error: unexpected value 'yes' for '--cut' found; no more were expected
    hint: see --help

    $ mly images @ @
    error: the argument '--bbox <W,S,E,N>' cannot be used multiple times
    hint: give each option once, and only one of those that exclude each other

    $ mly images @ --demo --tiles-url http://localhost:1
    error: the argument '--demo' cannot be used with '--tiles-url <URL>'
    hint: give each option once, and only one of those that exclude each other
    ");
}

#[test]
fn other_verbs_refuse_in_the_same_way() {
    assert_snapshot!(refused(&[
        "plan",
        "plan imags @",
        "plan images",
        "completions",
        "completions bsh",
        "emulate --world nowhere",
        "emulate --world random:1",
        "emulate --fault flood",
        "emulate --fault block,often",
        "emulate --answer bbox-rule=both",
        "emulate --port 99999",
        "doctor now",
    ]), @r#"
    $ mly plan
    error: LAYER is missing
    hint: mly plan images|sequences|points|signs AREA [FILTERS] [-o plan.json]; see --help

    $ mly plan imags @
    error: LAYER: unknown layer `imags`
    hint: did you mean `images`?

    $ mly plan images
    error: no area given
    hint: give one of --bbox W,S,E,N, --within FILE, --near LON,LAT, --place NAME or --tile Z/X/Y

    $ mly completions
    error: SHELL is missing
    hint: mly completions bash|elvish|fish|powershell|zsh; see --help

    $ mly completions bsh
    error: SHELL: unknown value `bsh`
    hint: did you mean `bash`?

    $ mly emulate --world nowhere
    error: --world: nowhere: ERROR OF THE SYSTEM
    hint: give demo, avenue, empty, random:SEED:IMAGES, a tile file or a directory of tiles

    $ mly emulate --world random:1
    error: --world: invalid world "random:1": it should be random:SEED:IMAGES, two numbers
    hint: give demo, avenue, empty, random:SEED:IMAGES, a tile file or a directory of tiles

    $ mly emulate --fault flood
    error: --fault: invalid fault "flood": it must begin with one of status=N, delay=TIME, cut-body, short-length, garbled, wrong-type, html, block, throttle, transient, too-much-data, gzip-bomb=BYTES, huge-tile=BYTES, empty, no-content, not-found, gone, expired, redirect=URL, not-jpeg
    hint: such as --fault status=503,every=10 or --fault block,next=1

    $ mly emulate --fault block,often
    error: --fault: invalid fault "block,often": "often" is not one of on=tile|entity|search|token|thumbnail|file|other, tile=Z/X/Y, retry-after=SECONDS, next=N, every=N, always
    hint: such as --fault status=503,every=10 or --fault block,next=1

    $ mly emulate --answer bbox-rule=both
    error: --answer: unknown answer "bbox-rule=both": the answers to bbox-rule are area, side
    hint: such as --answer bbox-rule=side

    $ mly emulate --port 99999
    error: --port: `99999` is not a valid value
    hint: 99999 is not in 0..=65535

    $ mly doctor now
    error: unexpected argument 'now' found
    hint: mly doctor [--record DIR] [--demo] [SERVICE]; see --help
    "#);
    let port = demo().url().rsplit(':').next().unwrap();
    let taken = mly(&format!("emulate --port {port}")).fails(2).err;
    assert!(taken.starts_with(&format!("error: cannot listen on port {port}: ")), "{taken}");
}
