//! Things of OpenStreetMap that photos do not show any more.

use std::collections::BTreeSet;

use arrow_array::Array;
use mly::Result;

use super::codes::names_sign;
use super::element::{Element, ElementId};
use super::mapped_sign::MappedSign;
use super::rule::{Rule, RuleKind};
use super::rule_book::RuleBook;
use super::world::World;
use crate::columns::Columns;
use crate::input::Input;
use crate::metric::{Position, angle_between, bearing, distance_m};
use crate::near::Bands;

/// From how far a photo shows a sign, in metres.
const SIGHT_M: [f64; 2] = [3.0, 25.0];
/// Half of the angle of view of a photo that is no panorama.
const HALF_VIEW: f64 = 30.0;
/// Photos of a lower quality show nothing for sure.
const LEAST_QUALITY: f64 = 0.3;
/// Below this height of the sun there is no daylight.
const NIGHT: f64 = -6.0;
/// So many photos of so many sequences must show the place.
const LOOKS: usize = 4;
const SEQUENCES: usize = 2;

/// A photo that may show things.
struct Look {
    at: Position,
    taken_at: i64,
    compass: Option<f64>,
    is_pano: bool,
    sequence: Option<Box<str>>,
}

/// The things that no sign stands for, although several photos look at the place after they were edited last.
pub(super) fn not_seen<'w>(
    world: &'w World,
    book: &RuleBook,
    signs: &[MappedSign],
    matched: &BTreeSet<ElementId>,
    images: &Input,
) -> Result<Vec<&'w Element>> {
    let looks = read(images)?;
    let positions: Vec<Position> = looks.iter().map(|look| look.at).collect();
    let bands = Bands::new(&positions, SIGHT_M[1]);
    let places: Vec<Position> = signs.iter().map(|sign| sign.at).collect();
    let near_signs = Bands::new(&places, super::world::FARTHEST_M);
    let rules: Vec<Rule> = rules_of(signs, book);
    let mut gone = Vec::new();
    for element in world.elements.iter().filter(|element| !matched.contains(&element.id)) {
        let known: Vec<&Rule> =
            rules.iter().filter(|rule| is_thing_of(element, rule, &book.prefix)).collect();
        if known.is_empty() {
            continue;
        }
        // Without a date it is not known which photos are newer.
        let Some(edited_at) = edited_at(element) else { continue };
        let mut is_seen = false;
        near_signs.around(element.at, |number, distance| {
            let rule = signs.get(number as usize).and_then(|sign| book.rule(&sign.value));
            is_seen |= distance <= 30.0 && rule.is_some_and(|rule| is_thing_of(element, &rule, &book.prefix));
        });
        if is_seen {
            continue;
        }
        let (mut count, mut sequences) = (0, BTreeSet::new());
        bands.around(element.at, |number, distance| {
            let Some(look) = looks.get(number as usize) else { return };
            if distance >= SIGHT_M[0] && look.taken_at > edited_at && look.shows(element.at) {
                count += 1;
                sequences.extend(look.sequence.as_deref());
            }
        });
        if count >= LOOKS && sequences.len() >= SEQUENCES {
            gone.push(element);
        }
    }
    gone.sort_by_key(|element| element.id);
    Ok(gone)
}

/// The rules for things that are recognised wherever they are: signs, if there are signs at all, and objects, if there
/// are objects.
fn rules_of(signs: &[MappedSign], book: &RuleBook) -> Vec<Rule> {
    let (objects, others): (Vec<_>, Vec<_>) = signs.iter().partition(|sign| is_object(&sign.value));
    let is_wanted = |rule: &&Rule| {
        let is_recognised = if is_object(&rule.value) { !objects.is_empty() } else { !others.is_empty() };
        is_recognised && rule.kind.is_some() && !rule.temporary
    };
    let mut rules = Vec::new();
    for rule in book.all().filter(is_wanted) {
        if rule.value.contains("{n}") {
            let numbers = (SPEEDS.start..=SPEEDS.end).step_by(5);
            rules.extend(numbers.map(|number| rule.with_number(&number.to_string(), "")));
        } else {
            rules.push(rule.clone());
        }
    }
    rules
}

/// The limits that signs have.
const SPEEDS: std::ops::Range<u32> = 5..130;

fn is_object(value: &str) -> bool {
    ["object--", "marking--", "construction--"].iter().any(|begin| value.starts_with(begin))
}

/// Whether an element would not be there without the thing of a rule. A crossing can do without its sign, and a street has
/// its limit elsewhere too; a stop cannot.
fn is_thing_of(element: &Element, rule: &Rule, prefix: &str) -> bool {
    let is_bound = match rule.kind {
        Some(RuleKind::Object) => is_object(&rule.value),
        Some(RuleKind::NodeOnWay) => rule.generic.is_some(),
        _ => false,
    };
    let is_there = is_bound && rule.accept.iter().any(|tag| tag.is_in(&element.info.tags, None));
    is_there || (matches!(element.id, ElementId::Node(_)) && names_sign(&element.info.tags, rule, prefix))
}

/// When somebody has looked at an element last.
fn edited_at(element: &Element) -> Option<i64> {
    let tags = &element.info.tags;
    let checked =
        ["check_date", "survey:date"].iter().filter_map(|key| mly::query::latest_ms(tags.get(key)?).ok());
    checked.chain(element.info.edited_at).max()
}

impl Look {
    fn shows(&self, at: Position) -> bool {
        let is_ahead = self.is_pano
            || self.compass.is_some_and(|compass| angle_between(compass, bearing(self.at, at)) <= HALF_VIEW);
        is_ahead
            && distance_m(self.at, at) <= SIGHT_M[1]
            && crate::sun::sun_height(self.taken_at, self.at) >= NIGHT
    }
}

fn read(images: &Input) -> Result<Vec<Look>> {
    let mut looks = Vec::new();
    for rows in images.rows()?.batches {
        let rows = rows?;
        let columns = Columns(&rows);
        let sequences = columns.texts("sequence_id").or_else(|| columns.texts("sequence"));
        let (taken, compass) = (columns.times("captured_at"), columns.numbers("compass_angle"));
        let (quality, panos) = (columns.numbers("quality_score"), columns.flags("is_pano"));
        let geometries = columns.geometries();
        for row in 0..rows.num_rows() {
            let (Some(at), Some(taken_at)) = (geometries.point(row), taken(row).filter(|ms| *ms > 0)) else {
                continue;
            };
            if quality(row).is_some_and(|score| score < LEAST_QUALITY) {
                continue;
            }
            looks.push(Look {
                at,
                taken_at,
                // A compass of exactly 0 is one that tells nothing.
                compass: compass(row).filter(|angle| *angle != 0.0),
                is_pano: panos.is_some_and(|flags| flags.is_valid(row) && flags.value(row)),
                sequence: sequences.filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row).into()),
            });
        }
    }
    Ok(looks)
}
