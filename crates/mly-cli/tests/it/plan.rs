//! `mly plan`: prints and stores what a query would cost, and sends nothing.

use insta::assert_snapshot;
use serde_json::Value as Json;

use crate::support::{TOWN, mly, names_in, own_demo};

#[test]
fn a_plan_needs_no_token_and_sends_nothing() {
    let emulator = own_demo();
    let plan = mly(&format!("plan images {TOWN} --since 2023 --limit 7")).at(&emulator).done();
    assert_snapshot!(plan.text(), @r"
    images in bbox 8.98,51.98,9.03,52.01, filtered by since/until, at most 7
    area      11.4 km²
    requests  9 tiles of mly1_public at zoom 14
    time      under a minute, at 40 tiles a minute
    size      at most 90 MB: 10 MB for the densest tiles, empty tiles take none
    cheaper   --prune 10 asks for 1 of zoom 10 first, then only the tiles that their sequences touch
    ");
    assert_eq!(mly(&format!("plan images {TOWN} --since 2023 --limit 7")).done().out, plan.out);
    assert_eq!((plan.err.as_str(), emulator.requests().len()), ("", 0));
}

#[test]
fn a_plan_counts_exactly_the_requests_that_are_sent() {
    for layer in ["images", "sequences", "points", "signs"] {
        let emulator = own_demo();
        // Whole sequences are asked for as answers come, which nobody can count beforehand.
        let cut = if layer == "sequences" { "--cut" } else { "" };
        mly(&format!("{layer} --near 9.005,51.995 --radius 2500 {cut}")).at(&emulator).done();
        let plan = mly(&format!("plan {layer} --near 9.005,51.995 --radius 2500")).done();
        let line = plan.text().lines().find(|line| line.starts_with("requests")).unwrap();
        assert!(line.starts_with(&format!("requests  {} tiles of ", emulator.requests().len())), "{line}");
    }
}

#[test]
fn a_country_costs_days() {
    let plan = mly("plan signs --bbox 5.87,47.27,15.04,55.06").done();
    assert_snapshot!(plan.text(), @r"
    signs in bbox 5.87,47.27,15.04,55.06
    area      553,434 km²
    requests  237,424 tiles of mly_map_feature_traffic_sign at zoom 14
    time      24 days, at 10,000 tiles a day
    caution   the service has blocked IP addresses after 1,938 tiles in a day, and let others take 26,363
    size      at most 2374 GB: 10 MB for the densest tiles, empty tiles take none
    cheaper   --prune 10 asks for 999 of zoom 10 first, then only the tiles that their sequences touch
    ");
}

#[test]
fn a_plan_says_what_is_looked_up_and_why_searches_are_asked() {
    let plan = |options: &str| mly(&format!("plan images {options}")).done().text().to_owned();
    let plans = [
        plan(&format!("{TOWN} --fields make,captured_at,sfm_cluster_id")),
        plan(&format!("{TOWN} --fields make,creator_username")),
        plan(&format!("{TOWN} --make GoPro --creator-username nordlicht23")),
        plan("--near 9,52"),
        plan(&format!("{TOWN} --make GoPro,Apple --model A --model B --model C")),
    ];
    assert_snapshot!(plans.join("\n"), @r"
    images in bbox 8.98,51.98,9.03,52.01
    area      11.4 km²
    requests  9 tiles of mly1_public at zoom 14
    time      under a minute, at 40 tiles a minute
    size      at most 90 MB: 10 MB for the densest tiles, empty tiles take none
    cheaper   --prune 10 asks for 1 of zoom 10 first, then only the tiles that their sequences touch
    look-ups  1 for each row: make, sfm_cluster_id

    images in bbox 8.98,51.98,9.03,52.01
    area      11.4 km²
    requests  9 tiles of mly1_public at zoom 14
    time      under a minute, at 40 tiles a minute
    size      at most 90 MB: 10 MB for the densest tiles, empty tiles take none
    cheaper   --prune 10 asks for 1 of zoom 10 first, then only the tiles that their sequences touch
    look-ups  1 for every 50 rows: creator_username, make

    images in bbox 8.98,51.98,9.03,52.01, filtered by creator-username, make
    area      11.4 km²
    requests  100 searches, or more where they find much
    quota     no tiles
    because   tiles know no camera and no name of a creator, searches do

    images in 50 m around 9,52
    area      0.01 km²
    requests  1 search, or more if it finds many images
    quota     no tiles
    because   one search sees 50 m around a position, for which up to 4 tiles would be needed

    images in bbox 8.98,51.98,9.03,52.01, filtered by make, model
    area      11.4 km²
    requests  600 searches, or more where they find much
    quota     no tiles
    names     6 searches of each box, since a search takes one name: 2 of make, 3 of model
    because   tiles know no camera and no name of a creator, searches do
    ");
}

#[test]
fn a_plan_is_stored_whole_and_printed_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let line = format!("plan signs {TOWN} --value regulatory--*");
    let stored = mly(&line).to(&path).done();
    assert_eq!(stored.out, mly(&line).done().out);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(mly::Plan::from_json(&text).unwrap().cost().tiles, 9);
    assert_eq!(names_in(folder.path()), ["plan.json"]);

    assert_snapshot!(mly(&line).to(&path).fails(2).err.replace(&path.display().to_string(), "plan.json"), @r"
    error: plan.json exists already
    hint: choose another name, or add --overwrite
    ");
    mly(&format!("plan images {TOWN} --overwrite")).to(&path).done();
    assert_ne!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(mly(&format!("{line} -o -")).done().text(), text);
}

#[test]
fn a_summary_of_a_plan_says_that_nothing_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.json");
    mly(&format!("plan images {TOWN} --summary")).arg(&path).done();
    let summary: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!((&summary["rows"], &summary["requests"]["tiles"]), (&Json::from(0), &Json::from(0)));
}
