//! Compares signs with the street that they are for.

use super::codes::{names_sign, sign_value};
use super::compare::{Found, SignSearch, any, found, side};
use super::element::{Element, ElementId};
use super::finding::{Finding, Insertion, OsmStatus};
use super::mapped_sign::MappedSign;
use super::rule::{Along, Rule, RuleKind, TagPattern};
use super::served::{Served, Stretch};
use crate::metric::distance_m;

/// How far along the street a node such as `highway=stop` is at most.
const NODE_M: f64 = 30.0;
/// How far behind a sign the tag of its street begins, and how far it is looked for to confirm it.
const WAY_M: f64 = 100.0;
const CONFIRM_M: f64 = 200.0;

impl<'a> SignSearch<'a> {
    /// A sign whose street is known.
    pub(super) fn on_road(&self, sign: &MappedSign, rule: &Rule, kind: RuleKind, served: &Served) -> Finding {
        let rule = &rule.on_side(side(served));
        match kind {
            RuleKind::NodeOnWay => self.node_on_way(sign, rule, served),
            RuleKind::Way => self.tag_of_way(rule, served),
            _ => self.sign_beside(sign, rule, served),
        }
    }

    pub(super) fn node_on_way(&self, sign: &MappedSign, rule: &Rule, served: &Served) -> Finding {
        let stretch = Stretch::of(self.world, served, NODE_M, true);
        let on_way = |patterns: &[TagPattern]| {
            let nodes = stretch.nodes.iter().filter_map(|(id, (at_m, along))| {
                let element = self.world.node(*id)?;
                let fits = any(patterns, element, None) && is_for(element, *along);
                (*at_m <= NODE_M && fits).then_some((element, *at_m))
            });
            nodes.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.id.cmp(&b.0.id)))
        };
        let beside = |patterns: &[TagPattern]| {
            self.near(sign, NODE_M, |element| !element.is_on_road && any(patterns, element, None))
        };
        let with_distance = |(element, _): Found<'a>| (element, distance_m(sign.at, element.at));
        if let Some(element) = on_way(&rule.accept).or_else(|| beside(&rule.accept)) {
            return found(OsmStatus::Confirmed, with_distance(element));
        }
        let mut suggested = rule.add.clone();
        if let (Some(along), Some("stop" | "give_way")) =
            (served.along, suggested.get("highway").map(String::as_str))
        {
            let word = if along == Along::Forward { "forward" } else { "backward" };
            suggested.insert("direction".to_owned(), word.to_owned());
        }
        if let Some(element) = on_way(&rule.conflict) {
            return Finding { suggested, ..found(OsmStatus::Conflicting, with_distance(element)) };
        }
        let at = foot_of(served);
        let insertion =
            Insertion { line: served.line, after: served.piece.number, share: served.foot.share, at };
        Finding { suggested, insertion: Some(insertion), ..self.beside_way(OsmStatus::Missing, served) }
    }

    pub(super) fn tag_of_way(&self, rule: &Rule, served: &Served) -> Finding {
        let stretch = Stretch::of(self.world, served, CONFIRM_M, false);
        let mut ways: Vec<_> = stretch.ways.iter().collect();
        ways.sort_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.0.cmp(b.0)));
        let tags = |line: u32| self.world.way(line).map(|way| &way.info.tags);
        for (line, (_, along)) in &ways {
            let is_there = tags(**line).is_some_and(|tags| {
                names_sign(tags, rule, &self.book.prefix)
                    || rule.accept.iter().any(|tag| tag.is_in(tags, *along))
            });
            if is_there {
                return self.of_way(OsmStatus::Confirmed, **line, served);
            }
        }
        for (line, (at_m, along)) in &ways {
            let is_other =
                tags(**line).is_some_and(|tags| rule.conflict.iter().any(|tag| tag.is_in(tags, *along)));
            if is_other && *at_m <= WAY_M {
                let finding = self.of_way(OsmStatus::Conflicting, **line, served);
                return Finding { suggested: rule.add.clone(), ..finding };
            }
        }
        Finding { suggested: rule.add.clone(), ..self.beside_way(OsmStatus::Missing, served) }
    }

    /// A sign that is a node of its own; the street may have what it says too.
    pub(super) fn sign_beside(&self, sign: &MappedSign, rule: &Rule, served: &Served) -> Finding {
        let stretch = Stretch::of(self.world, served, CONFIRM_M, false);
        for (line, (_, along)) in &stretch.ways {
            let is_there = self.world.way(*line).is_some_and(|way| {
                let tags = &way.info.tags;
                names_sign(tags, rule, &self.book.prefix)
                    || rule.accept.iter().any(|tag| tag.is_in(tags, *along))
            });
            if is_there {
                return self.of_way(OsmStatus::Confirmed, *line, served);
            }
        }
        self.off_road(sign, rule, RuleKind::Sign)
    }

    /// A sign without a street.
    pub(super) fn off_road(&self, sign: &MappedSign, rule: &Rule, kind: RuleKind) -> Finding {
        if let Some(element) = self.near(sign, NODE_M, |element| any(&rule.accept, element, None)) {
            return found(OsmStatus::Confirmed, element);
        }
        if kind.needs_road() {
            return Finding { suggested: rule.add.clone(), ..Finding::of(OsmStatus::Ambiguous) };
        }
        let mut suggested = rule.add.clone();
        suggested.extend(sign_value(rule, &self.book.prefix).map(|value| ("traffic_sign".to_owned(), value)));
        if let Some(facing) = sign.facing {
            suggested
                .insert("direction".to_owned(), format!("{:.0}", facing.rem_euclid(360.0).round() % 360.0));
        }
        Finding { suggested, ..Finding::of(OsmStatus::Missing) }
    }

    pub(super) fn beside_way(&self, status: OsmStatus, served: &Served) -> Finding {
        self.of_way(status, served.line, served)
    }

    pub(super) fn of_way(&self, status: OsmStatus, line: u32, served: &Served) -> Finding {
        let element = self.world.way(line).map(|way| (ElementId::Way(way.info.id), way.info.tags.clone()));
        Finding { element, distance_m: Some(served.foot.distance_m), ..Finding::of(status) }
    }
}

/// Whether a node is for those who read the sign. `along` is the direction of its line in which they drive there.
fn is_for(element: &Element, along: Option<Along>) -> bool {
    let tags = &element.info.tags;
    let word = tags.get("direction").or_else(|| tags.get("traffic_signals:direction"));
    match (word, along) {
        (Some("forward"), Some(along)) => along == Along::Forward,
        (Some("backward"), Some(along)) => along == Along::Backward,
        _ => true,
    }
}

fn foot_of(served: &Served) -> [f64; 2] {
    let ([x0, y0], [x1, y1]) = (served.piece.from, served.piece.to);
    let share = served.foot.share;
    [x0 + crate::metric::degrees_east(x0, x1) * share, y0 + (y1 - y0) * share]
}
