//! All rules: those that are the same everywhere, those of a country, and those of the user.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use mly::{Error, Result};
use serde::Deserialize;

use super::rule::{Rule, RuleKind};
use crate::assets::name_of;

/// Rules that are the same in any country.
const GENERIC: &str = include_str!("rules/generic.json");

/// Rules of countries.
const COUNTRIES: [(&str, &str); 5] = [
    ("AT", include_str!("rules/AT.json")),
    ("CH", include_str!("rules/CH.json")),
    ("DE", include_str!("rules/DE.json")),
    ("FR", include_str!("rules/FR.json")),
    ("US", include_str!("rules/US.json")),
];

/// A file of rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default, rename = "about")]
    _about: String,
    /// What stands before the codes in `traffic_sign`, such as `DE`.
    sign_prefix: Option<String>,
    speed_unit: Option<String>,
    rules: Vec<Rule>,
}

/// The rules that a job goes by.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleBook {
    pub(super) prefix: String,
    speed_unit: String,
    rules: HashMap<Box<str>, Rule>,
    /// The rules of the values of signs, which are the same for many.
    of_values: HashMap<Box<str>, Option<Arc<Rule>>>,
}

impl RuleBook {
    /// The rules of a country, and those in a file.
    pub(super) fn new(country: &str, file: Option<&Path>) -> Result<Self> {
        let mut book = Self::default();
        book.add(read(GENERIC)?);
        let Some((_, text)) = COUNTRIES.iter().find(|(code, _)| code.eq_ignore_ascii_case(country)) else {
            let known = COUNTRIES.map(|(code, _)| code);
            return Err(Error::query(format!(
                "there are no rules for the country `{}`",
                country.escape_debug()
            ))
            .with_hint(format!("known: {}; --tags FILE adds rules of your own", known.join(", "))));
        };
        book.add(read(text)?);
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|e| {
                Error::input("it cannot be read")
                    .with_hint("name a file of rules in JSON")
                    .with_source(e)
                    .with_path(path)
            })?;
            book.add(read(&text).map_err(|error| error.with_path(path))?);
        }
        Ok(book)
    }

    fn add(&mut self, file: RuleFile) {
        self.prefix = file.sign_prefix.unwrap_or(std::mem::take(&mut self.prefix));
        self.speed_unit = file.speed_unit.unwrap_or(std::mem::take(&mut self.speed_unit));
        for rule in file.rules {
            match self.rules.get_mut(rule.value.as_str()) {
                Some(known) => known.extend(rule),
                None => {
                    self.rules.insert(rule.value.as_str().into(), rule);
                }
            }
        }
    }

    /// Finds the rules of all these values beforehand.
    pub(super) fn prepare<'v>(&mut self, values: impl Iterator<Item = &'v str>) {
        for value in values {
            if !self.of_values.contains_key(value) {
                let rule = self.found(value).map(Arc::new);
                self.of_values.insert(value.into(), rule);
            }
        }
    }

    /// The rule for a value; `None` where there is none that says where to look.
    pub(super) fn rule(&self, value: &str) -> Option<Arc<Rule>> {
        self.of_values.get(value).cloned().unwrap_or_else(|| self.found(value).map(Arc::new))
    }

    fn found(&self, value: &str) -> Option<Rule> {
        let name = name_of(value);
        let known = [value, name].into_iter().find_map(|text| self.rules.get(text)).cloned();
        let rule = known.or_else(|| {
            let (begin, number) = name.rsplit_once('-')?;
            let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            let rule = self.rules.get(format!("{begin}-{{n}}").as_str()).filter(|_| is_number)?;
            Some(rule.with_number(number, &self.speed_unit))
        });
        rule.filter(|rule| rule.kind.is_some())
    }

    /// All rules, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }
}

fn read(text: &str) -> Result<RuleFile> {
    let file: RuleFile = serde_json::from_str(text).map_err(|e| {
        // The message ends with the line and the column.
        Error::input(format!("these rules cannot be read: {e}"))
            .with_hint("a rule looks like {\"value\": \"regulatory--stop\", \"kind\": \"node_on_way\", \"accept\": [\"highway=stop\"]}")
    })?;
    Ok(file)
}

impl RuleKind {
    /// Whether the place on a way decides.
    pub(super) fn needs_road(self) -> bool {
        matches!(self, Self::NodeOnWay | Self::Way)
    }

    /// Whether what is missing is a point, which an edit can add.
    pub(super) fn is_point(self) -> bool {
        matches!(self, Self::NodeOnWay | Self::Sign | Self::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_rules_that_can_be_read() {
        for (code, _) in COUNTRIES {
            let book = RuleBook::new(code, None).unwrap();
            assert_eq!(book.prefix, code);
            let stop = book.rule("regulatory--stop--g1").unwrap();
            assert_eq!(stop.kind, Some(RuleKind::NodeOnWay));
            assert_eq!(stop.codes.len(), 1, "{code}");
            assert!(book.rule("information--general-directions--g1").is_none());
        }
        let error = RuleBook::new("XX", None).unwrap_err();
        assert_eq!(error.to_string(), "there are no rules for the country `XX`");
    }

    #[test]
    fn a_number_is_put_into_the_rule_with_the_unit_of_the_country() {
        for (country, code, speed) in
            [("DE", "274-30", "30"), ("US", "R2-1[30]", "30 mph"), ("CH", "2.30[30]", "30")]
        {
            let rule =
                RuleBook::new(country, None).unwrap().rule("regulatory--maximum-speed-limit-30--g1").unwrap();
            assert_eq!(rule.codes.first().map(String::as_str), Some(code));
            assert_eq!(rule.add.get("maxspeed").map(String::as_str), Some(speed));
            assert_eq!(rule.accept.first().map(|tag| &*tag.value), Some(speed));
        }
    }

    #[test]
    fn a_mistake_in_rules_is_told_with_its_line_and_column() {
        for (text, place) in [
            ("{\"rules\": [\n{\"value\": \"a\", \"kind\": \"tree\"}]}", "line 2 column 29"),
            ("{\"rules\": [\n{\"value\": \"a\", \"accept\": [\"highway\"]}]}", "line 2 column "),
            ("{\"rules\": [\n{\"vlaue\": \"a\"}]}", "line 2 column "),
            ("{\"rules\": [", "line 1 column "),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
    }
}
