//! The signs and objects that an inventory is made of.

use std::collections::{BTreeSet, HashMap};

use arrow_schema::Schema;
use mly::{Error, Result};

use super::photo_list::{SeenFrom, photo_list};
use crate::columns::{Columns, Id, LAST_CRAWLED};
use crate::input::{Input, InputRows};
use crate::metric::Position;

/// The first moment at which there can be a capture, 2004-01-01: earlier ones come from clocks that were never set.
const FIRST_CAPTURE_MS: i64 = 1_072_915_200_000;

/// What an inventory is made of.
const HINT: &str = "give a result of mly signs or mly points";

/// Words that the service puts before signs that are plates below others.
const PLATE: &str = "complementary--";
/// Words before objects, which stand on no post.
const OBJECTS: [&str; 4] = ["object--", "marking--", "construction--", "void--"];

/// A map feature as the service publishes it.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    pub(super) id: i64,
    /// Its place in [`SignValues`].
    pub(super) value: u32,
    pub(super) at: Position,
    /// First and last day on which it was seen, in milliseconds since 1970, in order.
    pub(super) seen: Option<[i64; 2]>,
    /// Direction from the sign to those who read it.
    pub(super) direction: Option<f64>,
    /// The photos that show it, as far as its row tells.
    pub(super) photos: Option<Box<[SeenFrom]>>,
}

/// What kind of thing a value stands for, as far as posts are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A sign of its own.
    Main,
    /// A plate below another sign.
    Plate,
    /// Something that is no sign.
    Object,
}

/// The different values of signs.
#[derive(Debug, Default)]
pub(super) struct SignValues {
    places: HashMap<Box<str>, u32>,
    names: HashMap<Box<str>, u32>,
    all: Vec<SignValue>,
}

/// A value, such as `regulatory--stop--g1`.
#[derive(Clone, Debug)]
pub(super) struct SignValue {
    pub(super) text: Box<str>,
    /// A number that values have in common that differ in their picture alone (`--g1` and `--g2`).
    pub(super) name: u32,
    pub(super) role: Role,
}

impl SignValues {
    fn place(&mut self, text: &str) -> u32 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name = *self.names.entry(name_of(text).into()).or_insert(next);
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(SignValue { text: text.into(), name, role: Role::of(text) });
        self.places.insert(text.into(), place);
        place
    }

    pub(super) fn get(&self, place: u32) -> Option<&SignValue> {
        self.all.get(place as usize)
    }
}

impl Role {
    fn of(value: &str) -> Self {
        if value.starts_with(PLATE) {
            Self::Plate
        } else if OBJECTS.iter().any(|word| value.starts_with(word)) {
            Self::Object
        } else {
            Self::Main
        }
    }
}

/// A value without the number of its picture: `regulatory--stop` of `regulatory--stop--g1`.
pub(crate) fn name_of(value: &str) -> &str {
    let is_picture = |end: &str| {
        end.strip_prefix('g')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    match value.rsplit_once("--") {
        Some((name, end)) if is_picture(end) => name,
        _ => value,
    }
}

/// All signs of an input, sorted by id, and how many rows could not be used.
pub(super) struct Signs {
    pub(super) all: Vec<Sign>,
    pub(super) values: SignValues,
    /// Rows without a usable id, value or position.
    pub(super) skipped: u64,
    /// Rows of features that the service shows no more.
    pub(super) gone: u64,
    /// Rows whose id another row has too.
    pub(super) repeated: u64,
    /// Rows without a date that can be right.
    pub(super) undated: u64,
}

impl Signs {
    /// Reads them. Dates after `as_of` count as unknown.
    pub(super) fn read(input: &Input, as_of_ms: Option<i64>) -> Result<Self> {
        let InputRows { schema, batches } = input.rows()?;
        check_columns(&schema, input, &["id"], HINT)?;
        let mut signs = Self {
            all: Vec::new(),
            values: SignValues::default(),
            skipped: 0,
            gone: 0,
            repeated: 0,
            undated: 0,
        };
        for rows in batches {
            signs.add(Columns(&rows?), as_of_ms.unwrap_or(i64::MAX));
        }
        if signs.all.is_empty() && signs.skipped > 0 {
            return Err(nothing_usable(input));
        }
        signs.sort();
        Ok(signs)
    }

    fn add(&mut self, columns: Columns<'_>, as_of_ms: i64) {
        let ids = columns.ids("id");
        let values = columns.texts("value").or_else(|| columns.texts("object_value"));
        let (first, last) = (columns.times("first_seen_at"), columns.times("last_seen_at"));
        let directions = columns.numbers("aligned_direction");
        let last_crawled = columns.times(LAST_CRAWLED);
        let (photos, geometries) = (columns.texts("images"), columns.geometries());
        for row in 0..columns.0.num_rows() {
            if last_crawled(row).is_some() {
                self.gone += 1;
                continue;
            }
            let value = values.and_then(|values| {
                use arrow_array::Array;
                values.is_valid(row).then(|| values.value(row))
            });
            let (Some(Id::Number(id)), Some(value), Some(at)) =
                (ids.get(row), value, geometries.point(row).filter(is_on_earth))
            else {
                self.skipped += 1;
                continue;
            };
            let date = |at: Option<i64>| at.filter(|ms| (FIRST_CAPTURE_MS..=as_of_ms).contains(ms));
            let (first, last) = (date(first(row)), date(last(row)));
            let seen = first.or(last).zip(last.or(first)).map(|(a, b)| [a.min(b), a.max(b)]);
            self.undated += u64::from(seen.is_none());
            let photos = photos.and_then(|texts| {
                use arrow_array::Array;
                texts.is_valid(row).then(|| photo_list(texts.value(row)))?
            });
            let direction = directions(row).filter(|degrees| degrees.is_finite());
            let direction = direction.map(|degrees| degrees.rem_euclid(360.0));
            let value = self.values.place(value);
            self.all.push(Sign { id, value, at, seen, direction, photos });
        }
    }

    /// Sorts by id and keeps of several rows with one id that which was seen last.
    fn sort(&mut self) {
        let values = &self.values;
        let text = |sign: &Sign| values.get(sign.value).map(|value| &value.text);
        let newest = |sign: &Sign| sign.seen.map(|[first, last]| (last, first));
        self.all.sort_unstable_by(|a, b| {
            let place = |s: &Sign| s.at.map(f64::to_bits);
            let extent = |s: &Sign| (s.direction.map(f64::to_bits), s.photos.as_ref().map_or(0, |p| p.len()));
            (a.id.cmp(&b.id))
                .then_with(|| newest(b).cmp(&newest(a)))
                .then_with(|| text(a).cmp(&text(b)))
                .then_with(|| place(a).cmp(&place(b)))
                .then_with(|| extent(b).cmp(&extent(a)))
        });
        let before = self.all.len();
        self.all.dedup_by_key(|sign| sign.id);
        self.repeated = (before - self.all.len()) as u64;
    }

    /// The newest date at which any sign was seen.
    pub(super) fn newest_ms(&self) -> Option<i64> {
        self.all.iter().filter_map(|sign| sign.seen).map(|[_, last]| last).max()
    }
}

/// The map features of an input that the service still shows, ascending.
pub(super) fn shown(input: &Input) -> Result<BTreeSet<i64>> {
    let InputRows { schema, batches } = input.rows_of(&["id", LAST_CRAWLED])?;
    check_columns(&schema, input, &["id"], HINT)?;
    let mut shown = BTreeSet::new();
    for rows in batches {
        let rows = rows?;
        let (ids, last_crawled) = (Columns(&rows).ids("id"), Columns(&rows).times(LAST_CRAWLED));
        let ids = (0..rows.num_rows()).filter(|row| last_crawled(*row).is_none()).map(|row| ids.get(row));
        shown.extend(ids.filter_map(|id| if let Some(Id::Number(id)) = id { Some(id) } else { None }));
    }
    Ok(shown)
}

/// The error that rows are there, and none can be used.
pub(crate) fn nothing_usable(input: &Input) -> Error {
    let what = format!("{}: no row has a usable id, value and position", input.name("the signs"));
    Error::input(what).with_hint(
        "ids are whole numbers; a spreadsheet rounds long ones unless their column is imported as text",
    )
}

/// Checks that an input has one of these ids and values, as signs and objects have.
///
/// # Errors
/// [`Error::InvalidQuery`] when it has not, with this hint if it holds something else.
pub(crate) fn check_columns(schema: &Schema, input: &Input, ids: &[&str], hint: &'static str) -> Result<()> {
    let has = |name: &str| schema.column_with_name(name).is_some();
    let name = input.name("the signs");
    let has_value = has("value") || has("object_value");
    let is_other =
        ["image_id", "sequence_id", "captured_at", "change", "status"].iter().any(|column| has(column));
    if !ids.iter().any(|id| has(id)) || (is_other && !has_value) || has("image_id") {
        return Err(Error::query(format!("{name} does not hold signs or objects")).with_hint(hint));
    }
    if !has_value {
        return Err(Error::query(format!("{name} has no column value")).with_hint(
            "ask for it too: --fields value,first_seen_at,last_seen_at,aligned_direction,images",
        ));
    }
    Ok(())
}

fn is_on_earth(at: &Position) -> bool {
    at[0].abs() <= 180.0 && at[1].abs() <= 90.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_value_without_its_picture() {
        for (value, name) in [
            ("regulatory--stop--g1", "regulatory--stop"),
            ("regulatory--stop--g12", "regulatory--stop"),
            ("object--bench", "object--bench"),
            ("a--g", "a--g"),
            ("a--gx", "a--gx"),
        ] {
            assert_eq!(name_of(value), name);
        }
    }
}
