//! The bytes of pages: how many there are, that they are always the same, and what happens when they cannot be written.

use std::io::{self, Write};

use mly_map::{MapError, Page};

use crate::support::{html, page_of, sign};

/// Images as tiles have them, with as many digits.
fn images(count: u32) -> String {
    let image = |n: u32| {
        let (lon, lat) = (9.006_766_676_902_77 + f64::from(n) * 1e-6, 51.998_506_162_988_98);
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{lon},{lat}]}},"properties":{{"id":{},"sequence_id":"vNL-ZnfUkSC0F-xTB{:05}","captured_at":{},"compass_angle":{},"is_pano":true,"organization_id":541903776120854,"creator_id":104214208486349,"quality_score":0.753,"foot":false}}}}"#,
            7_038_203_092_802_113_i64 + i64::from(n),
            n / 50,
            1_547_207_711_813_i64 + i64::from(n) * 2003,
            f64::from(n % 360) + 0.111_112_489_614_5,
        )
    };
    (0..count).map(image).collect::<Vec<_>>().join(",\n")
}

#[test]
fn a_small_page_and_a_large_one_are_no_larger_than_promised() {
    assert!(html(&page_of(&[("images", images(1000))]).unwrap()).len() < 2_500_000);
    let large = images(20_000);
    assert!(html(&page_of(&[("images", large.clone())]).unwrap()).len() < 2_500_000.max(large.len() * 5 / 4));
}

#[test]
fn all_pictures_together_are_no_larger_than_promised() {
    let names = include_str!("../../assets/SHA256SUMS");
    assert!(names.contains("signs.txt"));
    let packed = include_bytes!("../../assets/signs.txt.gz");
    let mut all = String::new();
    io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut all).unwrap();
    let names: Vec<_> = all.lines().map(|line| line.split_once(' ').unwrap().0).collect();
    assert!(names.len() > 1500, "{}", names.len());
    let rows: Vec<_> = names.iter().map(|name| sign(1, name, [9.0, 52.0])).collect();
    assert!(html(&page_of(&[("signs", rows.join(","))]).unwrap()).len() < 2_500_000);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let make =
        || html(&page_of(&[("a", images(500)), ("b", sign(1, "object--bench", [9.0, 52.0]))]).unwrap());
    assert!(make() == make());
}

#[test]
fn a_page_that_cannot_be_written_says_so() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let page = page_of(&[("a", images(10))]).unwrap();
    for room in [0, 1000, 100_000] {
        let error = page.write(&mut Full(room)).unwrap_err();
        assert!(matches!(error, MapError::Write(ref e) if e.kind() == io::ErrorKind::StorageFull), "{error}");
    }
    Page::new("").write(&mut io::sink()).unwrap();
}
