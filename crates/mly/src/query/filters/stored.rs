//! Filters as JSON in stored plans and queries, and as text for people.
//!
//! The two ends of a range are one object: `"captured":{"since_ms":1,"until_ms":2}`; an end
//! that was counted back from now is an object with the words: `{"ms":1,"ago":"30d"}`. A missing field, `null` and a
//! value that lets everything through mean the same.

use std::fmt;

use serde::de::{self, DeserializeOwned};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, from_value, to_value};

use super::set::Filters;
use super::table::Filter;
use super::value::{FilterKind, FilterValue};
use crate::query::time::TimeRange;

type Fields = Map<String, Value>;

impl Serialize for Filters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Filters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        let mut filters = Self::default();
        for filter in Filter::ALL {
            let value = filter.take(&mut fields).map(|value| read(filter.kind, value)).transpose();
            if let Some(value) = value.map_err(de::Error::custom)? {
                filters = filters.with(filter.name, value).map_err(de::Error::custom)?;
            }
        }
        // `take` has removed all known fields. A range leaves an empty object behind; anything else left is unknown.
        let is_range =
            |name: &str| Filter::ALL.iter().any(|f| f.range().is_some_and(|(range, _)| range == name));
        let is_empty = |left: &Value| left.as_object().is_some_and(Fields::is_empty);
        match fields.iter().find(|(name, left)| !is_range(name) || !is_empty(left)) {
            Some((name, _)) => Err(de::Error::custom(format!("unknown filter `{name}`"))),
            None => Ok(filters),
        }
    }
}

impl Filters {
    fn fields(&self) -> serde_json::Result<Fields> {
        let mut fields = Fields::new();
        for (filter, value) in self.in_use() {
            let value = written(value)?;
            match filter.range() {
                None => {
                    fields.insert(filter.stored_as.to_owned(), value);
                }
                Some((range, end)) => {
                    let ends = fields.entry(range).or_insert_with(|| Value::Object(Fields::new()));
                    ends[end] = value;
                }
            }
        }
        Ok(fields)
    }
}

impl Filter {
    /// The name of the stored range and of the end of it that this filter sets; `None` for filters that are no range.
    fn range(&self) -> Option<(&'static str, &'static str)> {
        self.stored_as.split_once('.')
    }

    /// Removes and returns the stored value of this filter.
    fn take(&self, fields: &mut Fields) -> Option<Value> {
        let found = match self.range() {
            None => fields.remove(self.stored_as),
            Some((range, end)) => fields.get_mut(range)?.as_object_mut()?.remove(end),
        };
        found.filter(|value| !value.is_null())
    }
}

fn written(value: &FilterValue) -> serde_json::Result<Value> {
    match value {
        FilterValue::Since(moment) | FilterValue::Until(moment) => to_value(moment),
        FilterValue::ImageType(kind) => to_value(kind),
        FilterValue::Sector(sector) => to_value(sector),
        FilterValue::TextIds(ids) => to_value(ids),
        FilterValue::NumericIds(ids) => to_value(ids),
        // One name is stored as a text, as by versions that knew no lists.
        FilterValue::Names(names) => match names.as_slice() {
            [name] => to_value(name),
            names => to_value(names),
        },
        FilterValue::Position(position) => to_value(position),
        FilterValue::Patterns(patterns) => to_value(patterns),
        FilterValue::LeastShare(number) | FilterValue::Metres(number) => to_value(number),
        FilterValue::YesNo(answer) => to_value(answer),
        FilterValue::Positions(positions) => to_value(positions),
    }
}

fn read(kind: FilterKind, stored: Value) -> serde_json::Result<FilterValue> {
    fn typed<T: DeserializeOwned>(
        stored: Value,
        value: impl Fn(T) -> FilterValue,
    ) -> serde_json::Result<FilterValue> {
        from_value(stored).map(value)
    }
    match kind {
        FilterKind::Since => typed(stored, FilterValue::Since),
        FilterKind::Until => typed(stored, FilterValue::Until),
        FilterKind::ImageType => typed(stored, FilterValue::ImageType),
        FilterKind::Sector => typed(stored, FilterValue::Sector),
        FilterKind::TextIds => typed(stored, FilterValue::TextIds),
        FilterKind::NumericIds => typed(stored, FilterValue::NumericIds),
        FilterKind::Names if stored.is_string() => typed(stored, |name| FilterValue::Names(vec![name])),
        FilterKind::Names => typed(stored, FilterValue::Names),
        FilterKind::Position => typed(stored, FilterValue::Position),
        FilterKind::Patterns => typed(stored, FilterValue::Patterns),
        FilterKind::LeastShare => typed(stored, FilterValue::LeastShare),
        FilterKind::YesNo => typed(stored, FilterValue::YesNo),
        FilterKind::Metres => typed(stored, FilterValue::Metres),
        FilterKind::Positions => typed(stored, FilterValue::Positions),
    }
}

/// `captured 2023-01-01T00:00:00.000Z.., image_type "pano"`: the stored form, with dates for people.
impl fmt::Display for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.fields().map_err(|_unwritable| fmt::Error)?;
        for (i, (name, value)) in fields.into_iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            let ms = |end: &str| value[end].as_i64().or_else(|| value[end]["ms"].as_i64());
            let range = TimeRange { since_ms: ms("since_ms"), until_ms: ms("until_ms") };
            if range.is_unbounded() {
                write!(f, "{separator}{name} {value}")?;
            } else {
                write!(f, "{separator}{name} {range}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{ImageType, Positions, Sector, ValuePattern};

    /// Every filter, each with a value.
    fn all() -> Filters {
        let value = |filter: &Filter| match filter.kind {
            FilterKind::Since => FilterValue::Since((-1).into()),
            FilterKind::Until => FilterValue::Until(1_600_000_000_000.into()),
            FilterKind::ImageType => ImageType::Flat.into(),
            FilterKind::Sector => Sector::new(350.0, 10.5).unwrap().into(),
            FilterKind::TextIds => vec!["a".to_owned()].into(),
            FilterKind::NumericIds => vec![i64::MAX, 2].into(),
            FilterKind::Names => "Acme".into(),
            FilterKind::Position => [9.1, 52.3].into(),
            FilterKind::Patterns => vec![ValuePattern::new("a--*").unwrap()].into(),
            FilterKind::LeastShare => FilterValue::LeastShare(0.5),
            FilterKind::YesNo => FilterValue::YesNo(false),
            FilterKind::Metres => FilterValue::Metres(7.5),
            FilterKind::Positions => FilterValue::Positions(Positions::Computed),
        };
        Filter::ALL.iter().fold(Filters::default(), |all, f| all.with(f.name, value(f)).unwrap())
    }

    #[test]
    fn stored_filters_come_back_as_they_were() {
        for filters in [all(), Filters::default()] {
            let text = serde_json::to_string(&filters).unwrap();
            assert_eq!(serde_json::from_str::<Filters>(&text).unwrap(), filters, "{text}");
        }
    }

    #[test]
    fn the_stored_form_keeps_its_names() {
        insta::assert_snapshot!(
            serde_json::to_string(&all()).unwrap(),
            @r#"{"captured":{"since_ms":-1,"until_ms":1600000000000},"compass":{"max_deg":10.5,"min_deg":350.0},"creator_ids":[9223372036854775807,2],"creator_username":"Acme","first_seen":{"since_ms":-1,"until_ms":1600000000000},"image_type":"flat","last_seen":{"since_ms":-1,"until_ms":1600000000000},"looking_at":[9.1,52.3],"make":"Acme","min_quality":0.5,"model":"Acme","not_creator_ids":[9223372036854775807,2],"not_creator_username":"Acme","on_foot":false,"organization_ids":[9223372036854775807,2],"positions":"computed","sequence_ids":["a"],"spacing_m":7.5,"values":["a--*"]}"#
        );
    }

    #[test]
    fn one_name_is_stored_as_a_text_and_many_as_a_list() {
        let two = FilterValue::Names(vec!["Acme".to_owned(), "Co., Ltd.".to_owned()]);
        for (value, text) in
            [(two, r#"{"make":["Acme","Co., Ltd."]}"#), ("Acme".into(), r#"{"make":"Acme"}"#)]
        {
            let filters = Filters::default().with("make", value).unwrap();
            assert_eq!(serde_json::to_string(&filters).unwrap(), text);
            assert_eq!(serde_json::from_str::<Filters>(text).unwrap(), filters);
        }
    }

    #[test]
    fn people_read_dates_instead_of_milliseconds() {
        let filters = Filters::default().with("until", FilterValue::Until(1_600_000_000_000.into())).unwrap();
        let filters = filters.with("make", "Acme").unwrap();
        assert_eq!(filters.to_string(), "captured ..2020-09-13T12:26:40.000Z, make \"Acme\"");
    }

    #[test]
    fn filters_stored_by_earlier_versions_are_read() {
        let none = r#"{"captured":{"since_ms":null,"until_ms":null},"image_type":"all","compass":null,
            "sequence_ids":[],"organization_ids":[],"creator_ids":[],"creator_username":null,"make":null,"model":null,
            "looking_at":null,"values":[],"first_seen":{"since_ms":null,"until_ms":null},
            "last_seen":{"since_ms":null,"until_ms":null}}"#;
        assert!(serde_json::from_str::<Filters>(none).unwrap().is_empty());
        let some = r#"{"captured":{"since_ms":5,"until_ms":null},"image_type":"pano"}"#;
        let want = Filters::default().with("since", FilterValue::Since(5.into())).unwrap();
        let want = want.with("image-type", ImageType::Pano).unwrap();
        assert_eq!(serde_json::from_str::<Filters>(some).unwrap(), want);
    }

    #[test]
    fn a_stored_filter_that_is_unknown_or_of_another_type_is_refused() {
        for text in [
            r#"{"captures":{}}"#,
            r#"{"make":1}"#,
            r#"{"captured":{"since":1}}"#,
            r#"{"captured":5}"#,
            r#"{"creator_ids":["a"]}"#,
            r#"{"quality":0.5}"#,
            "[]",
        ] {
            assert!(serde_json::from_str::<Filters>(text).is_err(), "{text}");
        }
    }
}
