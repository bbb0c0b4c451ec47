//! Compares signs with OpenStreetMap.

use std::collections::BTreeSet;

use super::codes::{names_rival, names_sign, sign_value};
use super::element::{Element, ElementId};
use super::finding::{Finding, OsmStatus};
use super::mapped_sign::MappedSign;
use super::rule::{Along, Rule, RuleKind, TagPattern};
use super::rule_book::RuleBook;
use super::served::{Road, Served};
use super::world::World;
use crate::metric::{angle_between, distance_m};
use crate::near::Bands;

/// How far a node that stands for a sign is from it at most.
const SIGN_M: f64 = 20.0;
/// How much such a node and the sign differ in direction at most, in degrees.
const SIGN_TURN: f64 = 60.0;
/// How far a node is that stands for another sign in its place.
const RIVAL_M: f64 = 10.0;
/// How far an element is that names a photo of the sign: the photo shows others like it farther along the street.
const PHOTO_M: f64 = 40.0;
/// How far a way is whose class a sign tells.
const CLASS_M: f64 = 50.0;
/// How far a thing is, where the rule does not say it.
const OBJECT_M: f64 = 15.0;

/// Compares signs with one part of OpenStreetMap.
pub(super) struct SignSearch<'a> {
    pub(super) world: &'a World,
    pub(super) book: &'a RuleBook,
    bands: Bands<'a>,
}

/// An element that was found, and how far it is.
pub(super) type Found<'a> = (&'a Element, f64);

impl<'a> SignSearch<'a> {
    pub(super) fn new(world: &'a World, book: &'a RuleBook) -> Self {
        Self { world, book, bands: world.bands() }
    }

    /// What is found of a sign.
    pub(super) fn find(&self, sign: &MappedSign) -> Finding {
        let Some(rule) = self.book.rule(&sign.value) else { return Finding::of(OsmStatus::Unmapped) };
        let Some(kind) = rule.kind else { return Finding::of(OsmStatus::Unmapped) };
        let finding = self.find_by(sign, &rule, kind);
        Finding { kind: Some(kind), ..finding }
    }

    fn find_by(&self, sign: &MappedSign, rule: &Rule, kind: RuleKind) -> Finding {
        if let Some(element) = sign.features.iter().find_map(|feature| self.world.named(*feature)) {
            return found(OsmStatus::Confirmed, (element, distance_m(sign.at, element.at)));
        }
        if let Some(element) = self.of_photo(sign, rule) {
            return found(OsmStatus::Confirmed, element);
        }
        if let Some(element) = self.sign_node(sign, rule) {
            return found(OsmStatus::Confirmed, element);
        }
        match kind {
            RuleKind::Object => self.object(sign, rule),
            RuleKind::Class => self.class(sign, rule),
            RuleKind::NodeOnWay | RuleKind::Way | RuleKind::Sign => {
                let answers = match Road::of(self.world, sign.at, sign.facing) {
                    Road::One(served) => return self.on_road(sign, rule, kind, &served),
                    Road::Nowhere => return self.off_road(sign, rule, kind),
                    Road::Unclear(all) => {
                        all.into_iter().map(|served| self.on_road(sign, rule, kind, &served))
                    }
                };
                let answers: Vec<Finding> = answers.collect();
                let agree = answers.iter().all(|answer| answer.status == OsmStatus::Confirmed);
                // A sign is a point of its own, whichever street it is for.
                let is_enough = agree || (kind == RuleKind::Sign);
                match answers.into_iter().next() {
                    Some(first) if is_enough => first,
                    Some(first) => Finding { status: OsmStatus::Ambiguous, insertion: None, ..first },
                    None => Finding::of(OsmStatus::Ambiguous),
                }
            }
        }
    }

    /// The elements within reach that have a property, the nearest first.
    pub(super) fn near(
        &self,
        sign: &MappedSign,
        reach_m: f64,
        is: impl Fn(&Element) -> bool,
    ) -> Option<Found<'a>> {
        let mut best: Option<Found<'a>> = None;
        self.bands.around(sign.at, |number, distance| {
            let Some(element) = self.world.element(number).filter(|e| distance <= reach_m && is(e)) else {
                return;
            };
            let is_nearer = best.is_none_or(|(other, least)| (distance, element.id) < (least, other.id));
            if is_nearer {
                best = Some((element, distance));
            }
        });
        best
    }

    /// An element that is what the sign says, and names a photo that shows the sign.
    fn of_photo(&self, sign: &MappedSign, rule: &Rule) -> Option<Found<'a>> {
        let is_shown = |element: &Element| {
            let tags = ["mapillary", "mapillary:image"].map(|key| element.info.tags.get(key));
            let mut ids = tags.into_iter().flatten().flat_map(|ids| ids.split(';'));
            ids.any(|id| id.trim().parse().is_ok_and(|id: i64| sign.photos.binary_search(&id).is_ok()))
        };
        if sign.photos.is_empty() {
            return None;
        }
        self.near(sign, PHOTO_M, |element| {
            let tags = &element.info.tags;
            is_shown(element)
                && is_towards(element, sign)
                && (names_sign(tags, rule, &self.book.prefix) || any(&rule.accept, element, None))
        })
    }

    /// A node with the code of the sign.
    fn sign_node(&self, sign: &MappedSign, rule: &Rule) -> Option<Found<'a>> {
        self.near(sign, SIGN_M, |element| {
            is_towards(element, sign) && names_sign(&element.info.tags, rule, &self.book.prefix)
        })
    }

    /// A node that names another sign, where this one is not found. Nodes that `matched` other signs do not count.
    pub(super) fn rival(&self, sign: &MappedSign, matched: &BTreeSet<ElementId>) -> Option<Finding> {
        let rule = self.book.rule(&sign.value)?;
        let element = self.near(sign, RIVAL_M, |element| {
            let is_free = !matched.contains(&element.id);
            is_free && is_towards(element, sign) && names_rival(&element.info.tags, &rule, &self.book.prefix)
        })?;
        let value = sign_value(&rule, &self.book.prefix).map(|value| ("traffic_sign".to_owned(), value));
        let suggested = value.into_iter().collect();
        Some(Finding { suggested, kind: rule.kind, ..found(OsmStatus::Conflicting, element) })
    }

    fn object(&self, sign: &MappedSign, rule: &Rule) -> Finding {
        let reach_m = rule.reach_m.unwrap_or(OBJECT_M);
        let has = |element: &Element| any(&rule.accept, element, None);
        if let Some(element) = self.near(sign, reach_m, has) {
            return found(OsmStatus::Confirmed, element);
        }
        if !rule.along.is_empty()
            && let Road::One(served) = Road::of(self.world, sign.at, sign.facing)
        {
            let rule = rule.on_side(side(&served));
            if let Some(way) = self
                .world
                .way(served.line)
                .filter(|way| rule.along.iter().any(|tag| tag.is_in(&way.info.tags, None)))
            {
                return Finding {
                    element: Some((ElementId::Way(way.info.id), way.info.tags.clone())),
                    distance_m: Some(served.foot.distance_m),
                    ..Finding::of(OsmStatus::Confirmed)
                };
            }
        }
        Finding { suggested: rule.add.clone(), ..Finding::of(OsmStatus::Missing) }
    }

    /// A class of ways: any way beside the sign may have it.
    fn class(&self, sign: &MappedSign, rule: &Rule) -> Finding {
        let near = self.world.ways_near(sign.at, CLASS_M, rule.on.unwrap_or_default());
        let has = |line: u32| {
            let way = self.world.way(line)?;
            let code = names_sign(&way.info.tags, rule, &self.book.prefix);
            (code || rule.accept.iter().any(|tag| tag.is_in(&way.info.tags, None))).then_some(way)
        };
        let confirmed = near.iter().find_map(|(piece, foot)| Some((has(piece.line)?, foot.distance_m)));
        if let Some((way, distance_m)) = confirmed {
            return Finding {
                element: Some((ElementId::Way(way.info.id), way.info.tags.clone())),
                distance_m: Some(distance_m),
                ..Finding::of(OsmStatus::Confirmed)
            };
        }
        // Small roundabouts are nodes.
        if let Some(element) = self.near(sign, CLASS_M, |element| any(&rule.accept, element, None)) {
            return found(OsmStatus::Confirmed, element);
        }
        let nearest =
            near.first().and_then(|(piece, foot)| Some((self.world.way(piece.line)?, foot.distance_m)));
        Finding {
            element: nearest.map(|(way, _)| (ElementId::Way(way.info.id), way.info.tags.clone())),
            distance_m: nearest.map(|(_, distance_m)| distance_m),
            suggested: rule.add.clone(),
            ..Finding::of(OsmStatus::Missing)
        }
    }
}

pub(super) fn found(status: OsmStatus, (element, distance_m): Found<'_>) -> Finding {
    Finding {
        element: Some((element.id, element.info.tags.clone())),
        distance_m: Some(distance_m),
        ..Finding::of(status)
    }
}

/// Whether a node that stands for a sign faces as the sign does, as far as both are known.
fn is_towards(element: &Element, sign: &MappedSign) -> bool {
    let direction = element.info.tags.get("direction").and_then(degrees);
    direction.zip(sign.facing).is_none_or(|(a, b)| angle_between(a, b) <= SIGN_TURN)
}

pub(super) fn any(patterns: &[TagPattern], element: &Element, along: Option<Along>) -> bool {
    patterns.iter().any(|tag| tag.is_in(&element.info.tags, along))
}

/// On which side of the line of its street a sign stands.
pub(super) fn side(served: &Served) -> &'static str {
    if served.foot.right_m >= 0.0 { "right" } else { "left" }
}

/// A direction as mappers write it: degrees, or a point of the compass.
fn degrees(text: &str) -> Option<f64> {
    const POINTS: [&str; 16] =
        ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"];
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.or_else(|| {
        let at = POINTS.iter().position(|point| point.eq_ignore_ascii_case(text.trim()))?;
        u32::try_from(at).ok().map(|at| f64::from(at) * 22.5)
    })
}
