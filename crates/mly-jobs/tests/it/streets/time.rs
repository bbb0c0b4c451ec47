//! How old images are, and from when ages count.

use mly_jobs::{Age, Streets, Tier};

use super::scene::{
    Image, NOON, Street, YEAR, by_edge, drive, images, is_near, lone, roads, rows, run, street,
};

fn hundred_metres() -> Vec<Street> {
    vec![street(1, &[(0.0, 0.0), (100.0, 0.0)])]
}

/// An image at so many metres, so many years before noon.
fn aged(id: i64, east: f64, years: i64) -> Image {
    Image { captured_at: Some(NOON - years * YEAR), ..lone(id, (east, 0.0)) }
}

#[test]
fn the_newest_image_counts_for_each_metre_and_most_metres_for_the_street() {
    // From 0 to 60 only old images; from 60 on new ones; in the middle both.
    let mut shots: Vec<_> = (0..7).map(|n| aged(n, f64::from(i32::try_from(n).unwrap()) * 10.0, 3)).collect();
    shots.extend([aged(10, 70.0, 0), aged(11, 90.0, 0)]);
    let found = run(&hundred_metres(), &shots);
    let row = &found["1-0"];
    assert!(is_near(row.metres("covered_fresh"), 40.0), "{row:?}");
    assert_eq!((row.text("tier").as_deref(), row.float("covered").unwrap() > 0.9999), (Some("aging"), true));
    assert_eq!((row.time("newest"), row.time("oldest")), (Some(NOON), Some(NOON - 3 * YEAR)));
    // One stray photo does not make a street fresh.
    let found =
        run(&hundred_metres(), &[aged(1, 20.0, 5), aged(2, 60.0, 5), aged(3, 60.0, 6), aged(4, 35.0, 0)]);
    assert_eq!(found["1-0"].text("tier").as_deref(), Some("stale"));
}

#[test]
fn of_two_tiers_on_as_many_metres_the_worse_one_counts() {
    let found = run(&hundred_metres(), &[aged(1, 20.0, 0), aged(2, 70.0, 5)]);
    assert_eq!(found["1-0"].text("tier").as_deref(), Some("stale"));
}

#[test]
fn undated_images_cover_a_street_and_age_nothing() {
    let undated = |id, east, captured_at| Image { captured_at, ..lone(id, (east, 0.0)) };
    // Never, the zero of the service, a camera without a clock, and a time to come.
    let shots = [
        undated(1, 10.0, None),
        undated(2, 30.0, Some(0)),
        undated(3, 50.0, Some(NOON - 30 * YEAR)),
        undated(4, 70.0, Some(NOON + YEAR)),
    ];
    let job = Streets::new(roads(&hundred_metres()), images(&shots)).with_as_of("2025-06-15").unwrap();
    let answer = job.run().unwrap();
    let row = &rows(&answer.streets)[0];
    assert!(is_near(row.metres("covered"), 80.0));
    assert_eq!((row.float("dated_share"), row.text("tier").as_deref()), (Some(0.0), Some("none")));
    assert_eq!((row.time("newest"), row.float("covered_fresh")), (None, Some(0.0)));
    assert_eq!(answer.counts.undated, 4);
}

#[test]
fn ages_count_from_the_newest_image_or_from_a_date() {
    let job = Streets::new(roads(&hundred_metres()), images(&[aged(1, 50.0, 3)]));
    let tier = |job: &Streets| rows(&job.run().unwrap().streets)[0].text("tier").unwrap();
    assert_eq!(tier(&job), "fresh");
    let dated = |date: &str| job.clone().with_as_of(date).unwrap();
    assert_eq!(tier(&dated("2024-05-01")), "fresh");
    assert_eq!(tier(&dated("2025")), "aging");
    assert_eq!(tier(&dated("2027")), "stale");
    assert_eq!(tier(&dated("2025").with_fresh("4y".parse().unwrap())), "fresh");
    assert_eq!(tier(&dated("2027").with_aging("400w".parse().unwrap())), "aging");
}

#[test]
fn ages_end_on_the_same_day_of_the_calendar() {
    let day = 86_400_000;
    let leap_day = 1_709_164_800_000; // 2024-02-29
    let tier_of = |captured_at: i64, fresh: &str| {
        let shots = [Image { captured_at: Some(captured_at), ..lone(1, (50.0, 0.0)) }];
        let job = Streets::new(roads(&hundred_metres()), images(&shots))
            .with_as_of("2024-02-29T00:00:00.000")
            .unwrap();
        rows(&job.with_fresh(fresh.parse().unwrap()).run().unwrap().streets)[0].text("tier").unwrap()
    };
    for (age, days) in [("10d", 10), ("2w", 14), ("1m", 31), ("1y", 366)] {
        assert_eq!(tier_of(leap_day - days * day, age), "fresh", "{age}");
        assert_ne!(tier_of(leap_day - days * day - 1, age), "fresh", "{age}");
    }
    for wrong in ["", "2", "y", "-2y", "+2y", "2 y", "2h", "1.5y", "99999999999y"] {
        assert!(wrong.parse::<Age>().is_err(), "{wrong}");
    }
}

#[test]
fn what_is_fresh_cannot_be_too_old() {
    let job = Streets::new(roads(&hundred_metres()), images(&[])).with_fresh("5y".parse().unwrap());
    let error = job.run().unwrap_err();
    assert_eq!(error.to_string(), "fresh for 5y is longer than aging for 4y");
}

#[test]
fn kilometres_are_added_up_by_class_and_tier() {
    let streets = [
        street(1, &[(0.0, 0.0), (1000.0, 0.0)]),
        street(2, &[(0.0, 500.0), (2000.0, 500.0)]).tag("highway", "primary"),
    ];
    let answer = super::scene::answer(&streets, &drive(1, &[(0.0, 0.0), (500.0, 0.0)], 5.0));
    let classes = &answer.counts.classes;
    let [primary, residential] = [&classes["primary"], &classes["residential"]];
    assert!(is_near(residential.of_tier(Tier::Fresh), 1000.0) && is_near(residential.covered_m, 510.0));
    assert!(primary.of_tier(Tier::None) > 1999.0 && is_near(primary.total_m, primary.of_tier(Tier::None)));
    let gaps = rows(&answer.gaps);
    let lengths: Vec<_> = gaps.iter().map(|gap| gap.float("length_m").unwrap()).collect();
    assert!(is_near(lengths[0], 490.0) && lengths[1] > 1999.0 && lengths.len() == 2, "{lengths:?}");
    // The gap begins where the last image ends to show.
    let [begin, end] = [gaps[0].line()[0], gaps[0].line()[1]];
    let want = [super::scene::at((510.0, 0.0)), super::scene::at((1000.0, 0.0))];
    for (found, want) in [(begin, want[0]), (end, want[1])] {
        assert!((found[0] - want[0]).abs() < 1e-7 && (found[1] - want[1]).abs() < 1e-7, "{found:?} {want:?}");
    }
    assert!(by_edge(&answer.gaps).contains_key("2-0"));
}

#[test]
fn short_parts_without_images_are_no_gaps() {
    // Images show 10 to 50 and 70 to 110: 10 m and 19.9 m are missing.
    let streets = [street(1, &[(0.0, 0.0), (129.9, 0.0)])];
    let shots: Vec<_> =
        [20.0, 40.0, 80.0, 100.0].into_iter().zip(1..).map(|(east, id)| lone(id, (east, 0.0))).collect();
    let gaps = rows(&super::scene::answer(&streets, &shots).gaps);
    let lengths: Vec<_> = gaps.iter().map(|gap| gap.float("length_m").unwrap()).collect();
    assert!(lengths.len() == 1 && is_near(lengths[0], 20.0), "{lengths:?}");
}

#[test]
fn qualities_are_told_by_their_spread() {
    let shots: Vec<_> = (1..=11)
        .map(|n| Image { quality: Some(f64::from(n) / 20.0), ..lone(n.into(), (f64::from(n) * 8.0, 0.0)) })
        .collect();
    let row = run(&hundred_metres(), &shots).remove("1-0").unwrap();
    let found = ["quality_p10", "quality_p50", "quality_p90"].map(|name| row.float(name).unwrap());
    assert!([0.1, 0.3, 0.5].iter().zip(found).all(|(want, found)| (want - found).abs() < 1e-6), "{found:?}");
}
