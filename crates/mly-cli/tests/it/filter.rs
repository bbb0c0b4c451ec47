//! Every filter keeps exactly what it says, as decided by brute force.

use std::collections::BTreeSet;

use crate::read::{Row, csv, geojsonseq};
use crate::support::{TOWN, demo, everything, mly};

/// Options, and which rows they should keep.
type Case = (String, Box<dyn Fn(&Row) -> bool>);

fn case(options: impl Into<String>, keeps: impl Fn(&Row) -> bool + 'static) -> Case {
    (options.into(), Box::new(keeps))
}

/// Insists that options give those rows that they should keep, in the order of the whole, and that it is a real choice.
fn assert_kept(layer: &str, all: &[Row], cases: Vec<Case>) {
    for (options, keeps) in cases {
        let got = csv(&mly(&format!("{layer} {TOWN} -f csv {options}")).at(demo()).done().out);
        let want: Vec<_> = all.iter().filter(|row| keeps(row)).cloned().collect();
        assert!(
            !want.is_empty() && want.len() < all.len(),
            "{options} keeps {} of {}",
            want.len(),
            all.len()
        );
        assert_eq!(got, want, "{layer} {options}");
    }
}

/// The values of a column, each once.
fn values_of(rows: &[Row], read: impl Fn(&Row) -> Option<i64>) -> Vec<i64> {
    rows.iter().filter_map(read).collect::<BTreeSet<_>>().into_iter().collect()
}

/// 2020-01-01T00:00:00Z in milliseconds, as `date -d 2020-01-01Z +%s` says.
const Y2020: i64 = 1_577_836_800_000;
/// 2022-01-01T00:00:00Z.
const Y2022: i64 = 1_640_995_200_000;
/// 2019-06-01T00:00:00Z.
const JUNE_2019: i64 = 1_559_347_200_000;

fn between(name: &'static str, since: i64, until: i64) -> impl Fn(&Row) -> bool {
    move |row| row.int(name).is_some_and(|ms| since <= ms && ms < until)
}

/// Filters on what images and sequences have in common.
fn capture_cases(rows: &[Row]) -> Vec<Case> {
    let mut moments = values_of(rows, |row| row.int("captured_at"));
    let moment = moments.swap_remove(moments.len() / 2);
    let organizations = values_of(rows, |row| row.int("organization_id"));
    let creators = values_of(rows, |row| row.int("creator_id"));
    let (organization, creator, other) = (organizations[0], creators[0], creators[1]);
    vec![
        case("--since 2020", between("captured_at", Y2020, i64::MAX)),
        case("--until 2019", between("captured_at", i64::MIN, Y2020)),
        case("--since 2020 --until 2021", between("captured_at", Y2020, Y2022)),
        case("--since 2019-06 --until 2021-12-31", between("captured_at", JUNE_2019, Y2022)),
        case("--until 2019-12-31T23:59:59.999Z", between("captured_at", i64::MIN, Y2020)),
        case("--since 2020-01-01T02:00:00+02:00", between("captured_at", Y2020, i64::MAX)),
        case(format!("--until {}", iso(moment)), between("captured_at", i64::MIN, moment + 1)),
        case(format!("--since {}", iso(moment)), between("captured_at", moment, i64::MAX)),
        case("--image-type pano", |row| row.bool("is_pano")),
        case("--image-type flat", |row| !row.bool("is_pano")),
        case(format!("--organization {organization}"), move |row| {
            row.int("organization_id") == Some(organization)
        }),
        case(format!("--creator {creator}"), move |row| row.int("creator_id") == Some(creator)),
        case(format!("--creator {creator},{other}"), move |row| {
            row.int("creator_id").is_some_and(|id| id == creator || id == other)
        }),
        case(format!("--creator {creator} --creator {other} --since 2020 --image-type flat"), move |row| {
            row.int("creator_id").is_some_and(|id| id == creator || id == other)
                && row.int("captured_at") >= Some(Y2020)
                && !row.bool("is_pano")
        }),
    ]
}

/// A moment as users write it, by the calendar of Howard Hinnant (chrono-Compatible Low-Level Date Algorithms).
fn iso(ms: i64) -> String {
    let (days, ms_of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * m + 2) / 5 + 1, if m < 10 { m + 3 } else { m - 9 });
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hours, minutes) = (ms_of_day / 3_600_000, ms_of_day / 60_000 % 60);
    let (seconds, ms) = (ms_of_day / 1000 % 60, ms_of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}Z")
}

#[test]
fn images_are_filtered_by_time_camera_and_people() {
    let all = everything("images");
    assert_kept("images", &all, capture_cases(&all));
}

#[test]
fn sequences_are_filtered_by_time_camera_and_people() {
    let all = everything("sequences");
    assert_kept("sequences", &all, capture_cases(&all));
}

#[test]
fn images_and_sequences_are_filtered_by_sequence() {
    let (images, sequences) = (everything("images"), everything("sequences"));
    let (one, other) = (sequences[0].text("id").to_owned(), sequences[5].text("id").to_owned());
    for (layer, column, all) in [("images", "sequence_id", images), ("sequences", "id", sequences)] {
        let (alone, first, second) = (one.clone(), one.clone(), other.clone());
        let cases = vec![
            case(format!("--sequence {one}"), move |row| row.text(column) == alone),
            case(format!("--sequence {one},{other}"), move |row| {
                [&first, &second].iter().any(|id| row.text(column) == **id)
            }),
        ];
        assert_kept(layer, &all, cases);
    }
}

#[test]
fn images_are_filtered_by_direction() {
    let turned = |row: &Row| row.float("compass_angle").map(|angle| angle.rem_euclid(360.0));
    let cases = vec![
        case("--compass 45,135", move |row| turned(row).is_some_and(|a| (45.0..=135.0).contains(&a))),
        case("--compass 330,30", move |row| turned(row).is_some_and(|a| !(30.0..=330.0).contains(&a))),
        case("--compass 270,360", move |row| turned(row).is_some_and(|a| a >= 270.0 || a == 0.0)),
    ];
    assert_kept("images", &everything("images"), cases);
}

/// Direction from one position to another for the short distances of a town: flat, degrees clockwise from north.
fn bearing_deg([lon, lat]: [f64; 2], [to_lon, to_lat]: [f64; 2]) -> f64 {
    ((to_lon - lon) * lat.to_radians().cos()).atan2(to_lat - lat).to_degrees()
}

#[test]
fn images_are_filtered_by_what_they_look_at() {
    let church = [9.006, 51.9951];
    let looks = move |row: &Row| {
        let off = |angle: f64| (bearing_deg(row.point(), church) - angle + 540.0).rem_euclid(360.0) - 180.0;
        row.bool("is_pano") || row.float("compass_angle").is_some_and(|angle| off(angle).abs() <= 50.0)
    };
    let all = everything("images");
    assert_kept("images", &all, vec![case("--looking-at 9.006,51.9951", looks)]);
}

#[test]
fn signs_and_points_are_filtered_by_value() {
    for (layer, one, many) in [
        ("signs", "regulatory--stop--g1", "regulatory--"),
        ("points", "object--manhole", "object--support--"),
    ] {
        let all = everything(layer);
        let other = all.iter().map(|row| row.text("value").to_owned()).find(|v| v != one).unwrap();
        let second = other.clone();
        let cases = vec![
            case(format!("--value {one}"), move |row| row.text("value") == one),
            case(format!("--value {one},{other}"), move |row| {
                row.text("value") == one || row.text("value") == second
            }),
            case(format!("--value {many}*"), move |row| row.text("value").starts_with(many)),
            case("--value *s*p*", |row| {
                row.text("value").split_once('s').is_some_and(|(_, rest)| rest.contains('p'))
            }),
        ];
        assert_kept(layer, &all, cases);
    }
}

#[test]
fn signs_and_points_are_filtered_by_when_they_were_seen() {
    for layer in ["signs", "points"] {
        let cases = vec![
            case("--first-seen-since 2020", between("first_seen_at", Y2020, i64::MAX)),
            case("--first-seen-until 2019", between("first_seen_at", i64::MIN, Y2020)),
            case("--last-seen-since 2020", between("last_seen_at", Y2020, i64::MAX)),
            case("--last-seen-until 2019", between("last_seen_at", i64::MIN, Y2020)),
            case("--first-seen-until 2021 --last-seen-since 2020", |row| {
                between("first_seen_at", i64::MIN, Y2022)(row)
                    && between("last_seen_at", Y2020, i64::MAX)(row)
            }),
        ];
        assert_kept(layer, &everything(layer), cases);
    }
}

#[test]
fn image_type_all_is_no_filter() {
    for layer in ["images", "sequences"] {
        let got = csv(&mly(&format!("{layer} {TOWN} -f csv --image-type all")).at(demo()).done().out);
        assert_eq!(got, everything(layer));
    }
}

#[test]
fn a_limit_gives_the_first_rows() {
    for layer in ["images", "sequences", "points", "signs"] {
        let all = everything(layer);
        for limit in [1, 10, all.len() - 1, all.len(), all.len() + 1] {
            let got = mly(&format!("{layer} {TOWN} -f geojsonseq --limit {limit}")).at(demo()).done();
            assert_eq!(geojsonseq(&got.out), all[..limit.min(all.len())], "{layer} {limit}");
        }
    }
}

#[test]
fn a_filter_that_nothing_passes_gives_an_empty_result() {
    for options in [
        "images --since 2099",
        "sequences --creator 1",
        "signs --value no--such--value",
        "points --last-seen-until 1971",
    ] {
        let outcome = mly(&format!("{options} {TOWN} -f csv")).at(demo()).done();
        assert!(csv(&outcome.out).is_empty(), "{options}");
    }
}
