//! A rule: what a value of a sign is in OpenStreetMap.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::openstreetmap::OsmTags;

/// Where the counterpart of a sign is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RuleKind {
    /// A node of the way that the sign is for, such as `highway=stop`.
    NodeOnWay,
    /// A node that stands for the sign itself.
    Sign,
    /// A tag of the way that the sign is for, such as `maxspeed`.
    Way,
    /// A tag of any way beside the sign, such as `highway=living_street`.
    Class,
    /// A thing of its own, such as `amenity=bench`.
    Object,
}

/// Which ways a rule of the kind `class` is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ground {
    /// Streets that cars drive on.
    #[default]
    Roads,
    /// Streets and paths.
    Paths,
}

/// A tag with a value that may have `*` at its ends: `source:maxspeed=*zone*`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct TagPattern {
    pub(super) key: Box<str>,
    pub(super) value: Box<str>,
}

impl TryFrom<String> for TagPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Self { key: key.trim().into(), value: value.trim().into() })
            }
            _ => Err(format!("`{}` is no tag; write key=value", text.escape_debug())),
        }
    }
}

/// A rule as it is written. Rules of one value add to each other; what a later one says counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// A value without its picture (`--g1`), or with it; `{n}` stands for a number.
    pub(super) value: String,
    pub(super) kind: Option<RuleKind>,
    /// Codes of the sign in its country, the usual one first.
    #[serde(default)]
    pub(super) codes: Vec<String>,
    /// Codes of signs that are taken for this one: another of them in its place contradicts.
    #[serde(default)]
    pub(super) rivals: Vec<String>,
    /// The tags to add where the counterpart is missing.
    #[serde(default)]
    pub(super) add: BTreeMap<String, String>,
    /// Any of these tags is the counterpart.
    #[serde(default)]
    pub(super) accept: Vec<TagPattern>,
    /// Any of these tags on the counterpart's place contradicts the sign.
    #[serde(default)]
    pub(super) conflict: Vec<TagPattern>,
    /// Any of these tags on the way beside an object is the counterpart too.
    #[serde(default)]
    pub(super) along: Vec<TagPattern>,
    /// The value of `traffic_sign` in any country.
    pub(super) generic: Option<String>,
    /// How far an object is looked for, in metres.
    pub(super) reach_m: Option<f64>,
    pub(super) on: Option<Ground>,
    /// Whether such signs stand for a while only.
    #[serde(default)]
    pub(super) temporary: bool,
    /// Whether the number is a speed, which has the unit of the country.
    #[serde(default)]
    pub(super) speed: bool,
    /// Where the facts come from.
    #[expect(dead_code, reason = "for those who read the rules")]
    pub(super) source: Option<String>,
}

impl Rule {
    /// Adds what another rule of the same value says.
    pub(super) fn extend(&mut self, other: Self) {
        fn replace<T>(mine: &mut Vec<T>, other: Vec<T>) {
            if !other.is_empty() {
                *mine = other;
            }
        }
        self.kind = other.kind.or(self.kind);
        replace(&mut self.codes, other.codes);
        replace(&mut self.rivals, other.rivals);
        replace(&mut self.accept, other.accept);
        replace(&mut self.conflict, other.conflict);
        replace(&mut self.along, other.along);
        if !other.add.is_empty() {
            self.add = other.add;
        }
        self.generic = other.generic.or(self.generic.take());
        self.reach_m = other.reach_m.or(self.reach_m);
        self.on = other.on.or(self.on);
        self.temporary |= other.temporary;
        self.speed |= other.speed;
    }

    /// The rule for a value with a number in it.
    pub(super) fn with_number(&self, number: &str, unit: &str) -> Self {
        let speed =
            if self.speed && !unit.is_empty() { format!("{number} {unit}") } else { number.to_owned() };
        let mut rule = self.clone();
        for code in &mut rule.codes {
            *code = code.replace("{n}", number);
        }
        rule.fill("{n}", &speed);
        rule
    }

    /// The rule for a sign on one side of its way.
    pub(super) fn on_side(&self, side: &str) -> Cow<'_, Self> {
        const MARK: &str = "{side}";
        let has_mark = |tag: &TagPattern| tag.key.contains(MARK) || tag.value.contains(MARK);
        let patterns = || self.accept.iter().chain(&self.conflict).chain(&self.along);
        if !patterns().any(has_mark) && !self.add.iter().any(|(k, v)| k.contains(MARK) || v.contains(MARK)) {
            return Cow::Borrowed(self);
        }
        let mut rule = self.clone();
        rule.fill(MARK, side);
        Cow::Owned(rule)
    }

    fn fill(&mut self, mark: &str, text: &str) {
        let add = std::mem::take(&mut self.add);
        self.add = add.into_iter().map(|(k, v)| (k.replace(mark, text), v.replace(mark, text))).collect();
        for pattern in self.accept.iter_mut().chain(&mut self.conflict).chain(&mut self.along) {
            pattern.key = pattern.key.replace(mark, text).into();
            pattern.value = pattern.value.replace(mark, text).into();
        }
    }
}

/// In which direction of its way a sign is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    Forward,
    Backward,
}

impl Along {
    /// The other direction.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

impl TagPattern {
    fn fits(&self, value: &str) -> bool {
        match (self.value.strip_prefix('*'), self.value.strip_suffix('*')) {
            (Some(""), _) => true,
            (Some(_), Some(_)) => value.contains(self.value.trim_matches('*')),
            (Some(end), None) => value.ends_with(end),
            (None, Some(begin)) => value.starts_with(begin),
            (None, None) => value == &*self.value,
        }
    }

    /// Whether an element has the tag, also for one direction of a way or under a condition.
    pub(super) fn is_in(&self, tags: &OsmTags, along: Option<Along>) -> bool {
        let has =
            |key: &str| tags.get(key).is_some_and(|value| value.split(';').any(|v| self.fits(v.trim())));
        let of_condition = |key: &str| {
            let condition = tags.get(&format!("{key}:conditional"));
            condition.is_some_and(|text| {
                text.split(';')
                    .filter_map(|part| part.split_once('@'))
                    .any(|(value, _)| self.fits(value.trim()))
            })
        };
        let variant = |key: &str| has(key) || of_condition(key);
        let of_direction = |direction: &str| variant(&format!("{}:{direction}", self.key));
        variant(&self.key)
            || (along != Some(Along::Backward) && of_direction("forward"))
            || (along != Some(Along::Forward) && of_direction("backward"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_by_direction_and_condition() {
        let tag = |text: &str| TagPattern::try_from(text.to_owned()).unwrap();
        let tags = OsmTags::new([
            ("maxspeed", "50"),
            ("maxspeed:backward", "30"),
            ("hgv:conditional", "no @ (22:00-06:00); delivery @ (06:00-22:00)"),
            ("source:maxspeed", "DE:zone30"),
        ]);
        assert!(tag("maxspeed=30").is_in(&tags, None));
        assert!(tag("maxspeed=30").is_in(&tags, Some(Along::Backward)));
        assert!(!tag("maxspeed=30").is_in(&tags, Some(Along::Forward)));
        assert!(tag("hgv=no").is_in(&tags, None) && tag("hgv=delivery").is_in(&tags, None));
        assert!(tag("source:maxspeed=*zone*").is_in(&tags, None) && tag("maxspeed=*").is_in(&tags, None));
        assert!(!tag("maxspeed:type=*").is_in(&tags, None));
    }
}
