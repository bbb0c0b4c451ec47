//! Every field comes out as the graph has it, in every format.

use arrow_ipc::reader::StreamReader;

use super::{ids, still};
use crate::graph::{Fields, assert_same, entity, get, list, rows};
use crate::support::{everything, mly};

const FORMATS: [&str; 4] = ["geojson", "geojsonseq", "csv", "arrow"];

/// Everything documented of an image but what is asked for by name only.
const IMAGE: &str = "altitude,atomic_scale,camera_parameters,camera_type,captured_at,compass_angle,computed_altitude,\
                     computed_compass_angle,computed_geometry,computed_rotation,creator,exif_orientation,geometry,\
                     height,is_pano,make,merge_cc,mesh,model,organization,quality_score,sequence,thumb_256_url,\
                     thumb_1024_url,thumb_2048_url,thumb_original_url,width";

/// Everything documented of a map feature.
const FEATURE: &str = "aligned_direction,first_seen_at,geometry,images,last_seen_at,object_type,object_value";

/// The fields of things by id, as the graph has them.
fn of_graph(ids: &[String], fields: &str) -> Vec<Fields> {
    ids.iter().map(|id| entity(still(), id, fields)).collect()
}

/// Insists that a command gives these rows in every format.
fn assert_rows(line: &str, want: &[Fields]) {
    for format in FORMATS {
        let outcome = mly(&format!("{line} -f {format}")).at(still()).done();
        assert_same(&rows(format, &outcome.out), want, &format!("mly {line} -f {format}"));
    }
}

#[test]
fn images_have_every_field() {
    // More than two requests can hold.
    let ids = ids("images", 110);
    assert_rows(&format!("image {}", ids.join(" ")), &of_graph(&ids, IMAGE));
}

#[test]
fn a_single_image_has_its_cluster_too() {
    let ids = ids("images", 12);
    let fields = format!("{IMAGE},sfm_cluster");
    for id in &ids {
        assert_rows(&format!("image {id}"), &of_graph(std::slice::from_ref(id), &fields));
    }
}

#[test]
fn fields_are_what_was_asked_for() {
    let ids = ids("images", 7);
    let line = format!("image {} --fields", ids.join(","));
    assert_rows(&format!("{line} make,captured_at"), &of_graph(&ids, "make,captured_at,geometry"));
    assert_rows(
        &format!("{line} detections,sfm_cluster"),
        &of_graph(&ids, "detections,sfm_cluster,geometry"),
    );
    assert_rows(&format!("{line} detections.value"), &of_graph(&ids, "detections.value,geometry"));
    assert_rows(&format!("{line} id"), &of_graph(&ids, "geometry"));
    let mut want = of_graph(&ids, "creator,geometry");
    for row in &mut want {
        row.remove("creator_id");
    }
    assert_rows(&format!("{line} creator_username"), &want);
    assert_rows(&format!("{line} creator.username"), &want);
}

#[test]
fn map_features_have_every_field() {
    for layer in ["signs", "points"] {
        let ids = ids(layer, 60);
        let want = of_graph(&ids, FEATURE);
        assert_rows(&format!("feature {}", ids.join(" ")), &want);
        for (row, tile) in want.iter().zip(everything(layer)) {
            assert_eq!(row["object_value"], tile.text("value"));
            assert_eq!(row["first_seen_at"], tile.int("first_seen_at").unwrap() / 1000 * 1000);
        }
    }
}

#[test]
fn organizations_have_names_and_no_place() {
    let ids = ["2647395818226401", "541903776120854"].map(str::to_owned);
    assert_rows(&format!("organization {}", ids.join(" ")), &of_graph(&ids, "slug,name,description"));
}

/// Ids of the images of a sequence in order of capture.
fn images_of(sequence: &str) -> Vec<String> {
    let answer = list(still(), &format!("/image_ids?sequence_id={sequence}"));
    answer.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_sequence_is_its_images_in_order_of_capture() {
    let mut sequences: Vec<_> =
        everything("images").iter().take(9).map(|row| row.text("sequence_id").to_owned()).collect();
    sequences.sort();
    sequences.dedup();
    let ids: Vec<_> = sequences.iter().flat_map(|sequence| images_of(sequence)).collect();
    assert!(sequences.len() > 2 && ids.len() > 50, "{} of {}", ids.len(), sequences.len());
    let line = format!("sequence --fields captured_at,sequence -- {}", sequences.join(" "));
    let outcome = mly(&line.replace("--fields", "-f csv --fields")).at(still()).done();
    let rows = rows("csv", &outcome.out);
    assert_same(&rows, &of_graph(&ids, "captured_at,sequence,geometry"), &line);
    let times: Vec<_> =
        rows.iter().map(|row| (row["sequence"].as_str(), row["captured_at"].as_i64())).collect();
    assert!(times.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].1 <= pair[1].1));
    assert_rows(&format!("sequence {}", sequences[0]), &of_graph(&images_of(&sequences[0]), IMAGE));
}

#[test]
fn ids_are_answered_as_often_as_they_are_listed_and_in_that_order() {
    let ids = ids("images", 3);
    let [a, b, c] = [0, 2, 1].map(|i| ids[i].clone());
    let listed = [&c, &a, &a, &b, &c, &a].map(String::clone);
    assert_rows(&format!("image {} --fields make", listed.join(" ")), &of_graph(&listed, "make,geometry"));
}

#[test]
fn arrow_columns_are_typed_and_complete() {
    let outcome = mly(&format!("image {} -f arrow", ids("images", 2).join(" "))).at(still()).done();
    let schema = StreamReader::try_new(outcome.out.as_slice(), None).unwrap().schema();
    let columns: Vec<_> =
        schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect();
    insta::assert_snapshot!(columns.join("\n"), @r#"
    id Int64
    altitude Float64
    atomic_scale Float64
    camera_parameters List(Float64)
    camera_type Utf8
    captured_at Timestamp(ms, "UTC")
    compass_angle Float64
    computed_altitude Float64
    computed_compass_angle Float64
    computed_geometry Binary
    computed_rotation List(Float64)
    creator_id Int64
    creator_username Utf8
    exif_orientation Int64
    height Int64
    is_pano Boolean
    make Utf8
    merge_cc Float64
    mesh_id Int64
    mesh_url Utf8
    model Utf8
    organization_id Int64
    quality_score Float64
    sequence Utf8
    thumb_256_url Utf8
    thumb_1024_url Utf8
    thumb_2048_url Utf8
    thumb_original_url Utf8
    width Int64
    geometry Binary
    "#);
}

#[test]
fn an_area_gets_fields_that_its_tiles_lack() {
    let area = "--near 9.005,51.998 --radius 150";
    let tiles = mly(&format!("images {area} -f arrow")).at(still()).done();
    let tiles = rows("arrow", &tiles.out);
    assert!(tiles.len() > 20);
    let want: Vec<Fields> = tiles
        .iter()
        .map(|tile| {
            let id = tile["id"].as_str().unwrap();
            let mut row = entity(still(), id, "make,model,creator");
            row.insert("captured_at".to_owned(), tile["captured_at"].clone());
            row.insert("geometry".to_owned(), tile["geometry"].clone());
            row.remove("creator_id");
            row
        })
        .collect();
    for format in FORMATS {
        let line = format!("images {area} --fields make,model,captured_at,creator_username -f {format}");
        let outcome = mly(&line).at(still()).done();
        let mut got = rows(format, &outcome.out);
        // Ids of tiles are numbers where JSON has types.
        for row in &mut got {
            let id = row["id"].as_i64().map_or_else(|| row["id"].clone(), |id| id.to_string().into());
            row.insert("id".to_owned(), id);
        }
        assert_same(&got, &want, &line);
    }
}

#[test]
fn a_search_finds_what_the_graph_says_of_makes_and_creators() {
    let all = ids("images", usize::MAX);
    let of = |id: &str| entity(still(), id, "make,model,creator");
    let some: Vec<_> = all.iter().step_by(40).map(|id| (id, of(id))).collect();
    let text =
        |row: &Fields, name: &str| row.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    for (option, name) in
        [("--make", "make"), ("--model", "model"), ("--creator-username", "creator_username")]
    {
        let wanted = text(&some[0].1, name);
        let command = mly("images --bbox 8.98,51.98,9.03,52.01 -f csv").arg(option).arg(&wanted);
        let found = rows("csv", &command.at(still()).done().out);
        let found: Vec<_> = found.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert!(!found.is_empty() && found.len() < all.len(), "{option}");
        for (id, row) in &some {
            assert_eq!(found.contains(&id.as_str()), text(row, name) == wanted, "{option} {id}");
        }
        for id in found.iter().step_by(50) {
            assert_eq!(text(&of(id), name), wanted);
        }
    }
    assert!(get(still(), &format!("/{}?fields=make", all[0]))["make"].is_string());
}

#[test]
fn a_list_of_names_finds_what_each_of_them_finds() {
    let found = |options: &str| {
        let command = mly(&format!("images --bbox 8.98,51.98,9.03,52.01 -f csv {options}")).at(still());
        let mut found: Vec<_> =
            rows("csv", &command.done().out).iter().map(|row| row["id"].to_string()).collect();
        found.sort();
        found
    };
    let both = {
        let mut both = [found("--make GoPro"), found("--make Apple")].concat();
        both.sort();
        both
    };
    assert!(both.len() > found("--make GoPro").len());
    for options in [
        "--make GoPro,Apple",
        "--make Apple,GoPro",
        "--make GoPro --make Apple",
        "--make GoPro,GoPro,Apple",
        "--make \"GoPro\",Apple",
    ] {
        assert_eq!(found(options), both, "{options}");
    }
    assert_eq!(found("--make \"GoPro,Apple\""), Vec::<String>::new());
}
