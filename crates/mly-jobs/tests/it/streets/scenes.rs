//! Places where images are easily put onto the wrong street.

use super::scene::{Image, Metres, NOON, drive, is_near, lone, rows, run, street};

/// Shares of a row: covered, forward, backward.
fn shares(row: &super::scene::Row) -> [Option<f64>; 3] {
    ["covered", "covered_forward", "covered_backward"].map(|name| row.float(name))
}

/// Images moved by so many metres.
fn moved(images: Vec<Image>, (east, north): Metres) -> Vec<Image> {
    let one = |image: Image| {
        let [lon, lat] = image.at;
        Image { at: [lon + east / 68_677.55, lat + north / 111_267.33], ..image }
    };
    images.into_iter().map(one).collect()
}

#[test]
fn a_drive_covers_its_street_in_its_direction() {
    let found = run(&[street(7, &[(0.0, 0.0), (100.0, 0.0)])], &drive(1, &[(0.0, 0.0), (100.0, 0.0)], 5.0));
    let row = &found["7-0"];
    assert_eq!(shares(row), [Some(1.0), Some(1.0), Some(0.0)]);
    assert!(is_near(row.float("length_m").unwrap(), 100.0));
    assert_eq!((row.int("images"), row.int("sequences"), row.int("passes")), (Some(21), Some(1), Some(1)));
    assert_eq!((row.int("passes_forward"), row.int("passes_backward")), (Some(1), Some(0)));
    assert_eq!((row.text("tier").as_deref(), row.text("status").as_deref()), (Some("fresh"), Some("ok")));
    assert_eq!((row.int("way_id"), row.text("class").as_deref()), (Some(7), Some("residential")));
    assert_eq!((row.int("ambiguous"), row.flag("oneway")), (Some(0), Some(false)));
}

#[test]
fn an_image_shows_ten_metres_before_and_after_it_but_not_beyond_the_street() {
    let found =
        run(&[street(1, &[(0.0, 0.0), (100.0, 0.0)])], &[lone(1, (50.0, 3.0)), lone(2, (96.0, -3.0))]);
    assert!(is_near(found["1-0"].metres("covered"), 20.0 + 14.0));
}

#[test]
fn between_images_of_a_drive_a_street_is_covered_up_to_fifty_metres() {
    for (step_m, covered) in [(49.0, 20.0 + 98.0), (51.0, 60.0)] {
        let line = [(20.0, 0.0), (20.0 + 2.0 * step_m, 0.0)];
        let found = run(&[street(1, &[(0.0, 0.0), (200.0, 0.0)])], &drive(1, &line, step_m));
        assert!(is_near(found["1-0"].metres("covered"), covered), "{step_m}: {found:?}");
    }
}

#[test]
fn a_dual_carriageway_is_covered_on_the_side_that_was_driven() {
    let east = street(1, &[(0.0, 0.0), (300.0, 0.0)]).tag("highway", "trunk").tag("oneway", "yes");
    let west = street(2, &[(300.0, 12.0), (0.0, 12.0)]).tag("highway", "trunk").tag("oneway", "yes");
    // 7 m off, and so nearer to the other side.
    let found = run(&[east, west], &moved(drive(1, &[(0.0, 0.0), (300.0, 0.0)], 5.0), (0.0, 7.0)));
    assert_eq!(shares(&found["1-0"]), [Some(1.0), Some(1.0), None]);
    assert_eq!(shares(&found["2-0"]), [Some(0.0), Some(0.0), None]);
    assert_eq!((found["1-0"].int("images"), found["1-0"].int("ambiguous")), (Some(61), Some(0)));
}

/// A street to the east, in three pieces by its side streets, and one to the north over or under its middle.
fn crossing(other: &'static str) -> Vec<super::scene::Street> {
    vec![
        street(1, &[(0.0, 0.0), (200.0, 0.0)]),
        street(2, &[(100.0, -100.0), (100.0, 100.0)])
            .tag(other, "yes")
            .tag("layer", if other == "bridge" { "1" } else { "-1" }),
    ]
}

#[test]
fn who_drives_under_a_bridge_or_over_a_tunnel_is_not_on_it() {
    for other in ["bridge", "tunnel"] {
        let found = run(&crossing(other), &drive(1, &[(0.0, 0.0), (200.0, 0.0)], 5.0));
        assert_eq!(
            (found["1-0"].float("covered"), found["1-0"].int("images")),
            (Some(1.0), Some(41)),
            "{other}"
        );
        assert_eq!(
            (found["2-0"].float("covered"), found["2-0"].int("ambiguous")),
            (Some(0.0), Some(0)),
            "{other}"
        );
        let found = run(&crossing(other), &drive(1, &[(100.0, -100.0), (100.0, 100.0)], 5.0));
        assert_eq!(
            (found["1-0"].float("covered"), found["2-0"].float("covered")),
            (Some(0.0), Some(1.0)),
            "{other}"
        );
        assert_eq!(found["2-0"].int("layer"), Some(if other == "bridge" { 1 } else { -1 }));
    }
}

#[test]
fn a_road_on_stilts_above_another_one_is_told_by_where_the_drive_came_from() {
    // Between 100 and 200 both have the same positions; the ramp of the bridge begins at 0, the lower road turns away.
    let bridge = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0)];
    let streets = [
        street(1, &bridge[..2]),
        street(2, &[(100.0, 0.0), (150.0, 0.0), (200.0, 0.0)]).tag("bridge", "yes"),
        street(3, &bridge[2..]),
        street(4, &[(60.0, -80.0), (100.0, 1e-4), (200.0, 1e-4), (240.0, -80.0)]),
    ];
    let found = run(&streets, &drive(1, &[(0.0, 0.0), (300.0, 0.0)], 5.0));
    assert_eq!(
        (found["2-0"].float("covered"), found["4-0"].float("covered")),
        (Some(1.0), Some(0.0)),
        "{found:?}"
    );
    let found = run(&streets, &drive(1, &[(60.0, -80.0), (100.0, 0.0), (200.0, 0.0), (240.0, -80.0)], 5.0));
    assert_eq!(
        (found["2-0"].float("covered"), found["4-0"].float("covered")),
        (Some(0.0), Some(1.0)),
        "{found:?}"
    );
}

/// A circle around a place, from the south against the clock.
fn circle((east, north): Metres, radius: f64) -> Vec<Metres> {
    let at = |step: i32| {
        let (sin, cos) = (f64::from(step) * std::f64::consts::TAU / 32.0).sin_cos();
        (east + radius * sin, north - radius * cos)
    };
    (0..=32).map(at).collect()
}

#[test]
fn a_roundabout_is_a_oneway_street_that_is_passed_as_it_runs() {
    let ring = circle((0.0, 0.0), 20.0);
    let streets = [
        street(1, &ring).tag("junction", "roundabout"),
        street(2, &[(0.0, -120.0), (0.0, -20.0)]),
        street(3, &[(0.0, 20.0), (0.0, 120.0)]),
    ];
    let mut line = vec![(0.0, -120.0)];
    line.extend(&ring[..=16]);
    line.push((0.0, 120.0));
    let found = run(&streets, &drive(1, &line, 5.0));
    assert_eq!(shares(&found["1-0"]), [Some(1.0), Some(1.0), None], "{found:?}");
    assert_eq!((found["1-0"].flag("oneway"), found["1-0"].int("passes_forward")), (Some(true), Some(1)));
    assert_eq!(found["1-1"].float("covered"), Some(0.0));
    assert_eq!((found["2-0"].float("covered"), found["3-0"].float("covered")), (Some(1.0), Some(1.0)));
}

#[test]
fn who_drives_against_a_oneway_street_covers_it_but_not_forward() {
    let oneway = street(1, &[(0.0, 0.0), (100.0, 0.0)]).tag("oneway", "yes");
    let found = run(&[oneway], &drive(1, &[(100.0, 0.0), (0.0, 0.0)], 5.0));
    assert_eq!(shares(&found["1-0"]), [Some(1.0), Some(0.0), None]);
    assert_eq!((found["1-0"].int("passes_forward"), found["1-0"].int("passes_backward")), (Some(0), Some(1)));
}

#[test]
fn a_oneway_against_its_line_is_turned_round() {
    let turned = street(1, &[(0.0, 0.0), (100.0, 0.0)]).tag("oneway", "-1");
    let found = run(&[turned], &drive(1, &[(100.0, 0.0), (0.0, 0.0)], 5.0));
    assert_eq!(shares(&found["1-0"]), [Some(1.0), Some(1.0), None]);
    let line = found["1-0"].line();
    assert!(line[0][0] > line[1][0]);
}

#[test]
fn a_service_road_beside_a_street_takes_none_of_its_images() {
    let streets = [
        street(1, &[(0.0, 0.0), (300.0, 0.0)]),
        street(2, &[(0.0, 0.0), (0.0, 15.0), (300.0, 15.0), (300.0, 0.0)]).tag("highway", "service"),
    ];
    // Positions swing towards the service road in the middle.
    let swing = |image: Image, number: i32| {
        let north = 9.0 * (f64::from(number) / 60.0 * std::f64::consts::PI).sin();
        moved(vec![image], (0.0, north)).remove(0)
    };
    let exact = drive(1, &[(0.0, 0.0), (300.0, 0.0)], 5.0);
    let shots: Vec<_> = exact.into_iter().zip(0..).map(|(image, number)| swing(image, number)).collect();
    let found = run(&streets, &shots);
    assert_eq!(
        (found["1-0"].float("covered"), found["2-0"].float("covered")),
        (Some(1.0), Some(0.0)),
        "{found:?}"
    );
}

#[test]
fn a_lone_image_between_two_streets_is_ambiguous_and_forced_onto_none() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)]), street(2, &[(0.0, 20.0), (100.0, 20.0)])];
    let found = run(&streets, &[lone(1, (50.0, 9.0)), lone(2, (50.0, 5.0))]);
    let counts = |id: &str| (found[id].int("images"), found[id].int("ambiguous"));
    assert_eq!((counts("1-0"), counts("2-0")), ((Some(1), Some(1)), (Some(0), Some(0))));
    assert!(is_near(found["1-0"].metres("covered"), 20.0));
}

#[test]
fn a_walk_on_the_sidewalk_covers_the_sidewalk() {
    let streets = [
        street(1, &[(0.0, 0.0), (200.0, 0.0)]),
        street(2, &[(0.0, 8.0), (200.0, 8.0)]).tag("highway", "footway"),
    ];
    let walk = |(a, b): (Metres, Metres)| {
        let feet = |image: Image| Image { on_foot: Some(true), ..image };
        drive(1, &[a, b], 3.0).into_iter().map(feet).collect::<Vec<_>>()
    };
    let tables = (super::scene::roads(&streets), super::scene::images(&walk(((200.0, 8.0), (0.0, 8.0)))));
    let job = mly_jobs::Streets::new(tables.0, tables.1).with_ways(mly_jobs::Ways::All);
    let found = super::scene::by_edge(&job.run().unwrap().streets);
    assert_eq!((found["1-0"].float("covered"), found["2-0"].float("covered")), (Some(0.0), Some(1.0)));
    assert_eq!(found["2-0"].float("foot_share"), Some(1.0));
    // Where only the street is asked about, the walk shows that.
    let found = run(&streets, &walk(((200.0, 4.0), (0.0, 4.0))));
    assert_eq!((found["1-0"].float("covered"), found["1-0"].float("foot_share")), (Some(1.0), Some(1.0)));
}

#[test]
fn compasses_are_not_trusted() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)])];
    let exact = drive(1, &[(0.0, 0.0), (100.0, 0.0)], 5.0);
    let want = shares(&run(&streets, &exact)["1-0"]);
    for compass in [Some(0.0), Some(270.0), None] {
        let turned: Vec<_> = exact.iter().map(|image| Image { compass, ..image.clone() }).collect();
        assert_eq!(shares(&run(&streets, &turned)["1-0"]), want, "{compass:?}");
    }
}

#[test]
fn panoramas_are_told_apart() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)])];
    let mut shots = drive(1, &[(0.0, 0.0), (100.0, 0.0)], 5.0);
    for image in shots.iter_mut().take(7) {
        image.is_pano = Some(true);
    }
    let found = run(&streets, &shots);
    // The last panorama is at 30 m and shows ten more.
    assert!(is_near(found["1-0"].metres("covered_pano"), 40.0));
    assert!(is_near(found["1-0"].float("pano_share").unwrap(), 7.0 / 21.0));
    for image in &mut shots {
        image.is_pano = None;
    }
    assert_eq!(run(&streets, &shots)["1-0"].float("pano_share"), None);
}

#[test]
fn a_sequence_that_was_cut_in_the_middle_of_a_street_covers_it_as_a_whole() {
    let streets = [street(1, &[(0.0, 0.0), (200.0, 0.0)])];
    let mut shots = drive(1, &[(0.0, 0.0), (95.0, 0.0)], 5.0);
    shots.extend(drive(2, &[(100.0, 0.0), (200.0, 0.0)], 5.0));
    let found = run(&streets, &shots);
    assert_eq!(shares(&found["1-0"]), [Some(1.0), Some(1.0), Some(0.0)]);
    assert_eq!((found["1-0"].int("sequences"), found["1-0"].int("passes_forward")), (Some(2), Some(2)));
}

#[test]
fn a_long_pause_or_a_jump_ends_a_stretch() {
    let streets = [street(1, &[(0.0, 0.0), (200.0, 0.0)])];
    let mut shots = drive(1, &[(20.0, 0.0), (60.0, 0.0)], 40.0);
    assert!(is_near(run(&streets, &shots)["1-0"].metres("covered"), 60.0));
    shots[1].captured_at = Some(NOON + 121_000);
    assert!(is_near(run(&streets, &shots)["1-0"].metres("covered"), 40.0));
}

#[test]
fn many_images_on_one_spot_are_one_pass_without_a_direction() {
    let parked: Vec<_> = (0..200)
        .map(|number| {
            let jitter = f64::from(number % 5) * 0.4;
            let captured_at = Some(NOON + i64::from(number) * 1000);
            Image {
                sequence: Some("parked".into()),
                captured_at,
                ..lone(number.into(), (50.0 + jitter, jitter))
            }
        })
        .collect();
    let found = run(&[street(1, &[(0.0, 0.0), (100.0, 0.0)])], &parked);
    let row = &found["1-0"];
    assert_eq!((row.int("images"), row.int("passes")), (Some(200), Some(1)));
    assert_eq!((row.int("passes_forward"), row.int("passes_backward")), (Some(0), Some(0)));
    assert!(is_near(row.metres("covered"), 21.6), "{row:?}");
}

#[test]
fn who_turns_round_has_passed_twice() {
    let streets = [street(1, &[(0.0, 0.0), (200.0, 0.0)])];
    let found = run(&streets, &drive(1, &[(0.0, 0.0), (150.0, 0.0), (0.0, 0.0)], 5.0));
    let row = &found["1-0"];
    assert_eq!(
        (row.int("passes"), row.int("passes_forward"), row.int("passes_backward")),
        (Some(2), Some(1), Some(1))
    );
    assert!(
        is_near(row.metres("covered_forward"), 160.0) && is_near(row.metres("covered"), 160.0),
        "{row:?}"
    );
}

#[test]
fn who_crosses_a_street_on_a_way_that_is_not_drawn_is_not_on_it() {
    let streets = [street(1, &[(0.0, 0.0), (200.0, 0.0)])];
    let found = run(&streets, &drive(1, &[(100.0, -200.0), (100.0, 200.0)], 5.0));
    assert_eq!((found["1-0"].int("images"), found["1-0"].float("covered")), (Some(0), Some(0.0)));
}

#[test]
fn images_beyond_the_reach_of_the_class_are_on_no_street() {
    for (class, reach) in [("motorway", 40.0), ("primary", 30.0), ("residential", 25.0), ("footway", 15.0)] {
        let line = street(1, &[(0.0, 0.0), (100.0, 0.0)]).tag("highway", class);
        for (north, images) in [(reach - 0.1, 1), (reach + 0.1, 0)] {
            let tables = (
                super::scene::roads(std::slice::from_ref(&line)),
                super::scene::images(&[lone(1, (50.0, north))]),
            );
            let job = mly_jobs::Streets::new(tables.0, tables.1).with_ways(mly_jobs::Ways::All);
            let answer = job.run().unwrap();
            assert_eq!(rows(&answer.streets)[0].int("images"), Some(images), "{class} {north}");
            assert_eq!(answer.counts.unmatched, u64::from(images == 0), "{class} {north}");
        }
    }
}

#[test]
fn a_street_across_the_antimeridian_is_like_any_other() {
    let near = |lon: f64| (lon - 180.0).rem_euclid(360.0) - 180.0;
    let line: Vec<_> = [179.999, 180.0 - 1e-9, -179.999].map(|lon| [near(lon + 360.0), 10.0]).to_vec();
    let mut fiji = street(1, &[]);
    fiji.line = line;
    let images: Vec<_> = (0..40)
        .map(|number| {
            let at = [near(179.999 + f64::from(number) * 0.000_05), 10.000_02];
            let captured_at = Some(NOON + i64::from(number) * 500);
            Image { at, captured_at, sequence: Some("s".into()), ..lone(number.into(), (0.0, 0.0)) }
        })
        .collect();
    let found = run(&[fiji], &images);
    assert!(is_near(found["1-0"].float("length_m").unwrap(), 219.28), "{found:?}");
    assert_eq!(shares(&found["1-0"]), [Some(1.0), Some(1.0), Some(0.0)]);
    assert_eq!(found["1-0"].int("images"), Some(40));
}
