//! Which detections become labels, and of which classes.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use mly::query::ValuePattern;
use mly::{Error, Result};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Stands for any text in a pattern.
const WILDCARD: char = '*';

/// Which detections become labels, and of which classes: rules in the order of the classes.
///
/// The first rule that a value fits decides. Without rules every value is a class, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes {
    rules: Vec<ClassRule>,
}

/// Values, and the class that they become.
#[derive(Clone, Debug, PartialEq)]
struct ClassRule {
    values: ValuePattern,
    /// `None` if each value is a class of its own.
    class: Option<String>,
}

impl Classes {
    /// Each of these values is a class; `*` stands for any text, and then each value that fits is one.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a text cannot be a value.
    pub fn of_values<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Result<Self> {
        let rule = |value: S| Ok(ClassRule { values: ValuePattern::new(value.as_ref())?, class: None });
        Ok(Self { rules: values.into_iter().map(rule).collect::<Result<_>>()? })
    }

    /// Reads a list of values, one a line, or a mapping of values to classes as YAML or JSON: `warning--*: warning`.
    ///
    /// In a list, empty lines and what follows a `#` do not count. In a mapping, several values may be of one class;
    /// classes are numbered as they appear.
    ///
    /// # Errors
    /// [`Error::Input`] when the text is neither, or a value cannot be one.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return Err(Error::input("there are no classes in it").with_hint(HINT));
        }
        let listed = lines.iter().map(|line| ValuePattern::new(line)).collect::<Result<Vec<_>>>();
        let pairs = match listed {
            Ok(values) => return Self::of_rules(values.into_iter().map(|values| (values, None))),
            // The error of the line says more than that of a reader of YAML, to which a line alone is a text.
            Err(error)
                if !lines.iter().any(|line| line.contains([':', '[', '{']) || line.starts_with('-')) =>
            {
                return Err(Error::input(error.to_string()).with_hint(HINT));
            }
            Err(_) => serde_saphyr::from_str::<ClassPairs>(text).map_err(|e| {
                let what = e.to_string();
                let what = what.lines().next().unwrap_or_default();
                let what = what.strip_prefix("error: ").unwrap_or(what);
                Error::input(format!("neither a list of values nor a mapping: {what}")).with_hint(HINT)
            })?,
        };
        let pattern = |(value, class): (String, Option<String>)| match ValuePattern::new(&value) {
            Ok(values) => Ok((values, class)),
            Err(error) => Err(Error::input(error.to_string()).with_hint(HINT)),
        };
        Self::of_rules(pairs.0.into_iter().map(pattern).collect::<Result<Vec<_>>>()?)
    }

    fn of_rules(pairs: impl IntoIterator<Item = (ValuePattern, Option<String>)>) -> Result<Self> {
        let mut rules: Vec<ClassRule> = Vec::new();
        for (values, class) in pairs {
            let class = class.map(|class| class.trim().to_owned());
            if class.as_ref().is_some_and(|class| class.is_empty() || class.contains(char::is_control)) {
                return Err(Error::input(format!("the class of `{values}` has no name")).with_hint(HINT));
            }
            if rules.iter().any(|rule| rule.values == values) {
                return Err(Error::input(format!("`{values}` stands twice")).with_hint(HINT));
            }
            rules.push(ClassRule { values, class });
        }
        Ok(Self { rules })
    }

    /// The classes among values that occur.
    pub(crate) fn map(&self, values: &BTreeSet<String>) -> ClassMap {
        let mut map = ClassMap::default();
        if self.rules.is_empty() {
            for value in values {
                map.add(value, value);
            }
            return map;
        }
        for rule in &self.rules {
            let is_exact = !rule.values.to_string().contains(WILDCARD);
            if let Some(class) = &rule.class {
                map.number(class);
            } else if is_exact {
                map.number(&rule.values.to_string());
            }
            let fitting: Vec<&String> = values.iter().filter(|value| rule.values.matches(value)).collect();
            if fitting.is_empty() {
                map.absent.push(rule.values.to_string());
            }
            for value in fitting {
                if !map.of.contains_key(value.as_str()) {
                    map.add(value, rule.class.as_deref().unwrap_or(value));
                }
            }
        }
        map
    }
}

const HINT: &str =
    "give values one a line, such as regulatory--stop--g1, or YAML or JSON such as `warning--*: warning`";

impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = |rule: &ClassRule| match &rule.class {
            Some(class) => format!("{}: {class}", rule.values),
            None => rule.values.to_string(),
        };
        f.write_str(&self.rules.iter().map(rule).collect::<Vec<_>>().join(", "))
    }
}

/// The classes of a data set, and the values that they are made of.
#[derive(Debug, Default)]
pub(crate) struct ClassMap {
    /// In the order of their numbers, from 0.
    pub(crate) names: Vec<String>,
    /// The number of the class of a value.
    of: HashMap<String, usize>,
    /// Values that were named and do not occur.
    pub(crate) absent: Vec<String>,
}

impl ClassMap {
    /// The number of the class of a value, if it is of one.
    pub(crate) fn of(&self, value: &str) -> Option<usize> {
        self.of.get(value).copied()
    }

    fn number(&mut self, class: &str) -> usize {
        self.names.iter().position(|name| name == class).unwrap_or_else(|| {
            self.names.push(class.to_owned());
            self.names.len() - 1
        })
    }

    fn add(&mut self, value: &str, class: &str) {
        let number = self.number(class);
        self.of.insert(value.to_owned(), number);
    }
}

/// Values and classes in the order in which they are written.
struct ClassPairs(Vec<(String, Option<String>)>);

impl<'de> Deserialize<'de> for ClassPairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = ClassPairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of values to classes, or a list of values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClassPairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some((value, class)) = map.next_entry::<String, String>()? {
            pairs.push((value, Some(class)));
        }
        Ok(ClassPairs(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ClassPairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(value) = list.next_element::<String>()? {
            pairs.push((value, None));
        }
        Ok(ClassPairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str, values: &[&str]) -> ClassMap {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Classes::read(text).unwrap().map(&values)
    }

    #[test]
    fn a_list_has_classes_in_its_order_whether_or_not_they_occur() {
        let found = map(
            "# mine\nwarning--b\nwarning--a # twice\n\nnone--at-all\n",
            &["warning--a", "warning--b", "x"],
        );
        assert_eq!(found.names, ["warning--b", "warning--a", "none--at-all"]);
        assert_eq!(found.absent, ["none--at-all"]);
        assert_eq!(["warning--a", "warning--b", "x"].map(|value| found.of(value)), [Some(1), Some(0), None]);
    }

    #[test]
    fn a_star_in_a_list_makes_a_class_of_each_value() {
        let found = map("warning--b\nwarning--*\nregulatory--*", &["warning--a", "warning--b", "warning--c"]);
        assert_eq!(found.names, ["warning--b", "warning--a", "warning--c"]);
        assert_eq!(found.absent, ["regulatory--*"]);
    }

    #[test]
    fn a_mapping_joins_values_in_yaml_and_in_json() {
        for text in [
            "regulatory--stop--g1: stop\nwarning--*: warning\nregulatory--yield--g1: stop\n",
            r#"{"regulatory--stop--g1": "stop", "warning--*": "warning", "regulatory--yield--g1": "stop"}"#,
        ] {
            let found = map(text, &["regulatory--stop--g1", "regulatory--yield--g1", "warning--a", "x"]);
            assert_eq!(found.names, ["stop", "warning"]);
            assert_eq!(found.of("regulatory--yield--g1"), Some(0));
            assert_eq!((found.of("warning--a"), found.of("x")), (Some(1), None));
        }
        for text in ["- warning--b\n- warning--a\n", r#"["warning--b", "warning--a"]"#] {
            assert_eq!(map(text, &["warning--a"]).names, ["warning--b", "warning--a"]);
        }
    }

    #[test]
    fn without_rules_every_value_is_a_class() {
        let values = BTreeSet::from(["b".to_owned(), "a".to_owned()]);
        assert_eq!(Classes::default().map(&values).names, ["a", "b"]);
    }

    #[test]
    fn what_names_no_classes_is_refused() {
        for text in
            ["", "# nothing\n", "a b c", "a: [b]", "{", "a: ''", "a:\n  b: c", "a: b\na: c", "a\na", "3 4: x"]
        {
            let error = Classes::read(text).unwrap_err();
            assert!(matches!(error, Error::Input { .. }) && error.hint().is_some(), "{text}: {error}");
        }
    }
}
