//! Well-known text (OGC 06-103r4, "Well-known Text Representation for Geometry").

use super::refusal;
use crate::table::Wkb;

/// A geometry; `None` for an empty point.
pub(in super::super) fn of_wkt(text: &str) -> Result<Option<Wkb>, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim();
    let is_empty = rest.eq_ignore_ascii_case("EMPTY");
    match name.to_ascii_uppercase().as_str() {
        "POINT" if is_empty => Ok(None),
        "POINT" => position(inner(rest)?).map(|at| Some(Wkb::Point(at))),
        "LINESTRING" if is_empty => Ok(Some(Wkb::Lines(vec![Vec::new()]))),
        "LINESTRING" => Ok(Some(Wkb::Lines(vec![line(rest)?]))),
        "MULTIPOINT" if is_empty => Ok(Some(Wkb::Points(Vec::new()))),
        "MULTIPOINT" => points(inner(rest)?).map(|points| Some(Wkb::Points(points))),
        "MULTILINESTRING" if is_empty => Ok(Some(Wkb::Lines(Vec::new()))),
        "MULTILINESTRING" => lines(inner(rest)?).map(|lines| Some(Wkb::Lines(lines))),
        "" => Err("this is no well-known text".to_owned()),
        other => Err(refusal(other)),
    }
}

/// What stands between parentheses.
fn inner(text: &str) -> Result<&str, String> {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.map(str::trim).ok_or_else(|| "parentheses are missing in well-known text".to_owned())
}

/// Lines in parentheses, with commas between them.
fn lines(mut text: &str) -> Result<Vec<Vec<[f64; 2]>>, String> {
    let mut lines = Vec::new();
    loop {
        let (head, rest) = text.split_once(')').ok_or("parentheses are missing in well-known text")?;
        let positions = head.trim().strip_prefix('(').ok_or("parentheses are missing in well-known text")?;
        lines.push(positions_of(positions)?);
        match rest.trim_start().strip_prefix(',') {
            Some(rest) => text = rest,
            None if rest.trim().is_empty() => return Ok(lines),
            None => return Err("there is more behind the lines".to_owned()),
        }
    }
}

/// Positions with commas between them, each in parentheses or none of them.
fn points(text: &str) -> Result<Vec<[f64; 2]>, String> {
    let point = |text: &str| {
        let text = text.trim();
        if text.starts_with('(') { position(inner(text)?) } else { position(text) }
    };
    text.split(',').map(point).collect()
}

fn line(text: &str) -> Result<Vec<[f64; 2]>, String> {
    positions_of(inner(text)?)
}

fn positions_of(text: &str) -> Result<Vec<[f64; 2]>, String> {
    // The CSV sink writes a line without positions as `()`.
    if text.trim().is_empty() { Ok(Vec::new()) } else { text.split(',').map(position).collect() }
}

fn position(text: &str) -> Result<[f64; 2], String> {
    let mut numbers =
        text.split_ascii_whitespace().map(|word| word.parse::<f64>().ok().filter(|n| n.is_finite()));
    match (numbers.next().flatten(), numbers.next().flatten(), numbers.next()) {
        (Some(lon), Some(lat), None) => Ok([lon, lat]),
        _ => Err("a position is not two numbers".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_lines_are_read_as_others_write_them() {
        for (text, want) in [
            ("POINT (1 -2.5)", Some(Wkb::Point([1.0, -2.5]))),
            ("point(1e1   2)", Some(Wkb::Point([10.0, 2.0]))),
            ("POINT EMPTY", None),
            ("LINESTRING (1 2, 3 4)", Some(Wkb::Lines(vec![vec![[1.0, 2.0], [3.0, 4.0]]]))),
            (
                "MULTILINESTRING((1 2,3 4),(5 6))",
                Some(Wkb::Lines(vec![vec![[1.0, 2.0], [3.0, 4.0]], vec![[5.0, 6.0]]])),
            ),
            ("MULTIPOINT ((1 2), (3 4))", Some(Wkb::Points(vec![[1.0, 2.0], [3.0, 4.0]]))),
            ("multipoint(1 2,3 4)", Some(Wkb::Points(vec![[1.0, 2.0], [3.0, 4.0]]))),
            ("MULTIPOINT EMPTY", Some(Wkb::Points(vec![]))),
            (" MULTILINESTRING EMPTY ", Some(Wkb::Lines(vec![]))),
            ("MULTILINESTRING (())", Some(Wkb::Lines(vec![vec![]]))),
        ] {
            assert_eq!(of_wkt(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in [
            "",
            "1 2",
            "POINT",
            "POINT (1)",
            "POINT (1 2 3)",
            "POINT (1 nan)",
            "POINT 1 2",
            "POINT ((1 2)",
            "POINT Z (1 2 3)",
            "MULTIPOINT ((1 2)",
            "MULTIPOINT ((1 2),)",
            "LINESTRING (1 2, )",
            "MULTILINESTRING (1 2)",
            "MULTILINESTRING ((1 2)",
            "MULTILINESTRING ((1 2),)",
            "MULTILINESTRING ((1 2)) x",
            "POLYGON ((0 0, 1 1, 0 1, 0 0))",
            "é",
            "POINTé",
        ] {
            assert!(of_wkt(text).is_err(), "{text}");
        }
        assert!(of_wkt("POLYGON EMPTY").unwrap_err().contains("POLYGON"));
    }
}
