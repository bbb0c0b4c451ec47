//! `--place`: the outline of a place by its name.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insta::assert_snapshot;

use crate::read::csv;
use crate::support::{Mly, demo, mly};

/// Asks the demo world, and its service of places.
fn asking(args: &str, name: &str) -> Mly {
    mly(&format!("{args} --place")).arg(name).at(demo()).variable("MLY_PLACES_URL", demo().url())
}

/// A server that answers every request so, and what it was sent.
fn server(answer: &str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let (seen, answer) = (Arc::clone(&requests), answer.to_owned());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or(0);
            seen.lock().unwrap().push(String::from_utf8_lossy(&head[..length]).into_owned());
            if answer.is_empty() {
                std::thread::sleep(Duration::from_secs(5));
            }
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, requests)
}

#[test]
fn a_place_is_the_area_inside_its_outline() {
    let done = asking("signs -f csv", "Demo Town").done();
    assert_snapshot!(done.err.lines().next().unwrap(), @"area: Demo Town, Lower Saxony, Germany (town, R900000000001), from 127.0.0.1; (c) OpenStreetMap contributors, ODbL");
    let corners = "[8.985,51.99],[8.99,51.985],[9.02,51.985],[9.025,51.99],[9.025,52],[9.02,52.005],[8.99,52.005],[8.985,52],[8.985,51.99]";
    let outline = format!(r#"{{"type":"Polygon","coordinates":[[{corners}]]}}"#);
    let same = mly("signs -f csv --within -").input(outline).at(demo()).done();
    assert_eq!(done.out, same.out);
    assert!(csv(&done.out).len() > 100);
    assert_eq!(asking("signs -q -f csv", "Demo Town").done().err, "");
}

#[test]
fn a_name_of_several_places_lists_them_and_an_id_chooses() {
    let refused = asking("signs -f csv", "twinbridge").run();
    assert_eq!(refused.code, 2);
    assert_snapshot!(refused.err, @"
    --place R900000000002: Twinbridge, Demo Town, Lower Saxony, Germany (suburb, Germany)
    --place W900000000003: Twinbridge, Kent, England, United Kingdom (hamlet, United Kingdom)
    error: 2 places are named `twinbridge`
    hint: choose one by its id, as listed above
    ");
    let chosen = asking("signs -f csv", "R900000000002").done();
    let all = asking("signs -f csv", "Demo Town").done();
    let (chosen, all) = (csv(&chosen.out).len(), csv(&all.out).len());
    assert!(chosen > 0 && chosen < all, "{chosen} of {all}");
}

#[test]
fn a_buffer_widens_a_place_and_a_column_names_it() {
    let rows = csv(&asking("signs --buffer 200 --area-column name -f csv", "R900000000002").done().out);
    let plain = csv(&asking("signs -f csv", "R900000000002").done().out);
    assert!(rows.len() > plain.len());
    assert!(rows.iter().all(|row| row.text("area") == "Twinbridge, Demo Town, Lower Saxony, Germany"));
}

#[test]
fn what_is_no_area_is_refused_before_anything_else_is_sent() {
    assert_snapshot!(asking("signs", "Old Well").fails(2).err, @"
    error: the place `Old Well` is known as a point only: Old Well, Demo Town, Lower Saxony, Germany (locality, N900000000004)
    hint: ask for a circle: --near 9.005,51.998 --radius 500
    ");
    assert_snapshot!(asking("signs", "Atlantis").fails(2).err, @r#"
    error: no place named `Atlantis` was found
    hint: look at its spelling, or add the country: "Springfield, Ohio"
    "#);
    assert_snapshot!(asking("signs", " ").fails(2).err, @"
    error: the name of the place is empty
    hint: give a name, such as Herford
    ");
    assert_snapshot!(mly("signs --bbox 1,2,3,4 --places-url http://localhost:1").at(demo()).fails(2).err, @"
    error: --places-url needs --place
    hint: add --place NAME
    ");
}

#[test]
fn a_service_that_is_down_slow_or_something_else_is_told_as_such() {
    let at = |url: &str| mly("signs --timeout 1 --place X --places-url").arg(url).at(demo());
    let first = |err: String, url: &str| {
        let line = err.lines().next().unwrap().replace(url, "URL");
        line.split(" attempts in ").next().unwrap().to_owned()
    };
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    assert_snapshot!(first(at(&url).fails(5).err, &url), @"error: the place service could not be reached, after 3");
    let (url, _) = server("");
    assert_snapshot!(first(at(&url).fails(5).err, &url), @"error: the place service did not answer in time, after 3");
    let (url, _) = server("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>");
    assert_snapshot!(first(at(&url).fails(5).err, &url), @"error: the place service answered with a web page, after 3");
    let (url, seen) = server("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
    assert_snapshot!(first(at(&url).fails(4).err, &url), @"error: the place service refuses requests from this address (status 429), requesting URL/search?q=X&format=jsonv2&polygon_geojson=1&addressdetails=1&limit=10");
    assert_eq!(seen.lock().unwrap().len(), 1, "a refusal is not retried");
}

#[test]
fn an_answer_is_kept_and_the_request_has_no_token() {
    let place = r#"[{"osm_type":"way","osm_id":5,"display_name":"Here","type":"park","lat":"51.995","lon":"9.005","geojson":
        {"type":"Polygon","coordinates":[[[8.99,51.99],[9.02,51.99],[9.02,52.0],[8.99,52.0],[8.99,51.99]]]}}]"#;
    let length = place.len();
    let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{place}");
    let folder = tempfile::tempdir().unwrap();
    let (url, seen) = server(&answer);
    let ask = |folder: &Path| {
        let ask = mly("signs -f csv --place Here --places-url").arg(&url).arg("--cache-dir").arg(folder);
        ask.at(demo()).done().out
    };
    let first = ask(folder.path());
    assert_eq!(first, ask(folder.path()));
    let requests = seen.lock().unwrap().clone();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(requests[0].contains("user-agent: mly/"), "{requests:?}");
    assert!(!requests[0].contains(demo().token()) && !requests[0].contains("authorization"));
}
