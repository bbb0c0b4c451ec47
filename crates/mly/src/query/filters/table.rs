//! The table of all filters.

use super::value::FilterKind;
use crate::error::{Error, Result, unknown};
use crate::query::layer::Layer;

/// A filter: what it is called, what it takes, and which rows it is about.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Name as users write it, such as `first-seen-since`.
    pub name: &'static str,
    /// The type of its value.
    pub kind: FilterKind,
    /// Layers whose rows can be filtered by it.
    pub layers: &'static [Layer],
    /// What stands for the value in the help of the command.
    pub placeholder: &'static str,
    /// One line for the help of the command.
    pub help: &'static str,
    /// One sentence for the docstrings of Python.
    pub doc: &'static str,
    /// How a row is tested.
    pub(crate) test: RowTest,
    /// The parameter of searches that does the same, if there is one.
    pub(crate) search_parameter: Option<&'static str>,
    /// Its place in the JSON of a query: a field, or a field of an object.
    pub(super) stored_as: &'static str,
}

/// How a filter tests a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowTest {
    /// By a column of the tiles.
    Tile(&'static str),
    /// By a column of the tiles: rows that have one of the values are left out.
    NotTile(&'static str),
    /// By a column that tiles lack: searches answer the query.
    Search(&'static str),
    /// By a column that tiles lack: rows that have one of the values are left out.
    NotSearch(&'static str),
    /// By position and direction of view: the camera has a place in view.
    View,
    /// By the distance to other images of the sequence, after all other filters.
    Spacing,
    /// By whether there is a position of this kind, which the row gets.
    Positions,
}

const IMAGES: &[Layer] = &[Layer::Images];
const CAPTURES: &[Layer] = &[Layer::Images, Layer::Sequences];
const FEATURES: &[Layer] = &[Layer::Points, Layer::Signs];

const FILTERS: [Filter; 22] = [
    Filter {
        name: "since",
        kind: FilterKind::Since,
        layers: CAPTURES,
        placeholder: "DATE",
        help: "Captured on or after this date: 2021, 2021-03, 30d, ...",
        doc: "Taken at this time or later.",
        test: RowTest::Tile("captured_at"),
        search_parameter: Some("start_captured_at"),
        stored_as: "captured.since_ms",
    },
    Filter {
        name: "until",
        kind: FilterKind::Until,
        layers: CAPTURES,
        placeholder: "DATE",
        help: "Captured on or before this date; 2021 means its end",
        doc: "Taken at this time or earlier.",
        test: RowTest::Tile("captured_at"),
        search_parameter: Some("end_captured_at"),
        stored_as: "captured.until_ms",
    },
    Filter {
        name: "image-type",
        kind: FilterKind::ImageType,
        layers: CAPTURES,
        placeholder: "TYPE",
        help: "all, pano or flat",
        doc: "\"pano\" for panoramas, \"flat\" for all others, \"all\" for both.",
        test: RowTest::Tile("is_pano"),
        search_parameter: Some("is_pano"),
        stored_as: "image_type",
    },
    Filter {
        name: "compass",
        kind: FilterKind::Sector,
        layers: IMAGES,
        placeholder: "MIN,MAX",
        help: "Camera direction in degrees; MIN > MAX crosses north",
        doc: "Smallest and largest compass angle, in degrees clockwise from north; min > max crosses north.",
        test: RowTest::Tile("compass_angle"),
        search_parameter: None,
        stored_as: "compass",
    },
    Filter {
        name: "sequence",
        kind: FilterKind::TextIds,
        layers: CAPTURES,
        placeholder: "ID,..",
        help: "Only these sequences",
        doc: "Ids of sequences, one or many.",
        test: RowTest::Tile("sequence_id"),
        search_parameter: None,
        stored_as: "sequence_ids",
    },
    Filter {
        name: "organization",
        kind: FilterKind::NumericIds,
        layers: CAPTURES,
        placeholder: "ID,..",
        help: "Only these organizations",
        doc: "Ids of organizations, one or many.",
        test: RowTest::Tile("organization_id"),
        search_parameter: Some("organization_id"),
        stored_as: "organization_ids",
    },
    Filter {
        name: "creator",
        kind: FilterKind::NumericIds,
        layers: CAPTURES,
        placeholder: "ID,..",
        help: "Only these creators",
        doc: "Ids of the users who uploaded, one or many.",
        test: RowTest::Tile("creator_id"),
        search_parameter: None,
        stored_as: "creator_ids",
    },
    Filter {
        name: "creator-username",
        kind: FilterKind::Names,
        layers: IMAGES,
        placeholder: "NAME,..",
        help: "Only users of these names (uses search requests)",
        doc: "Names of the users who uploaded, as the service writes them, one or many; answered by searches.",
        test: RowTest::Search("creator_username"),
        search_parameter: Some("creator_username"),
        stored_as: "creator_username",
    },
    Filter {
        name: "not-creator",
        kind: FilterKind::NumericIds,
        layers: CAPTURES,
        placeholder: "ID,..",
        help: "Not these creators",
        doc: "Ids of users whose uploads are left out, one or many.",
        test: RowTest::NotTile("creator_id"),
        search_parameter: None,
        stored_as: "not_creator_ids",
    },
    Filter {
        name: "not-creator-username",
        kind: FilterKind::Names,
        layers: IMAGES,
        placeholder: "NAME,..",
        help: "Not users of these names (uses search requests)",
        doc: "Names of users whose images are left out, one or many; answered by searches.",
        test: RowTest::NotSearch("creator_username"),
        search_parameter: None,
        stored_as: "not_creator_username",
    },
    Filter {
        name: "make",
        kind: FilterKind::Names,
        layers: IMAGES,
        placeholder: "M,..",
        help: "Only cameras of these makes (uses search requests)",
        doc: "Makes of cameras, as the service writes them, one or many; answered by searches.",
        test: RowTest::Search("make"),
        search_parameter: Some("make"),
        stored_as: "make",
    },
    Filter {
        name: "model",
        kind: FilterKind::Names,
        layers: IMAGES,
        placeholder: "M,..",
        help: "Only cameras of these models (uses search requests)",
        doc: "Models of cameras, as the service writes them, one or many; answered by searches.",
        test: RowTest::Search("model"),
        search_parameter: Some("model"),
        stored_as: "model",
    },
    Filter {
        name: "min-quality",
        kind: FilterKind::LeastShare,
        layers: CAPTURES,
        placeholder: "Q",
        help: "Quality score of at least Q, from 0 to 1",
        doc: "Smallest quality score, 0 to 1; what has no score is left out.",
        test: RowTest::Tile("quality_score"),
        search_parameter: None,
        stored_as: "min_quality",
    },
    Filter {
        name: "on-foot",
        kind: FilterKind::YesNo,
        layers: CAPTURES,
        placeholder: "yes|no",
        help: "Captured on foot, or not",
        doc: "Whether it was captured on foot; what is not known to be either is left out.",
        test: RowTest::Tile("foot"),
        search_parameter: None,
        stored_as: "on_foot",
    },
    Filter {
        name: "looking-at",
        kind: FilterKind::Position,
        layers: IMAGES,
        placeholder: "LON,LAT",
        help: "Only images that look at this position",
        doc: "Longitude and latitude of a point that is in view; panoramas look everywhere.",
        test: RowTest::View,
        search_parameter: None,
        stored_as: "looking_at",
    },
    Filter {
        name: "spacing",
        kind: FilterKind::Metres,
        layers: IMAGES,
        placeholder: "M",
        help: "Only images of a sequence that are M metres apart",
        doc: "Of each sequence, in order of capture, only images at least so many metres from the last one kept.",
        test: RowTest::Spacing,
        search_parameter: None,
        stored_as: "spacing_m",
    },
    Filter {
        name: "positions",
        kind: FilterKind::Positions,
        layers: CAPTURES,
        placeholder: "KIND",
        help: "original or computed positions [default: original]",
        doc: "\"original\" for positions as the device measured, \"computed\" for those from the pictures.",
        test: RowTest::Positions,
        search_parameter: None,
        stored_as: "positions",
    },
    Filter {
        name: "value",
        kind: FilterKind::Patterns,
        layers: FEATURES,
        placeholder: "V,..",
        help: "Only these values; * matches any text",
        doc: "Values such as \"object--bench\" or \"regulatory--stop--g1\", one or many; * matches any text.",
        test: RowTest::Tile("value"),
        search_parameter: Some("object_values"),
        stored_as: "values",
    },
    Filter {
        name: "first-seen-since",
        kind: FilterKind::Since,
        layers: FEATURES,
        placeholder: "DATE",
        help: "First seen on or after this date",
        doc: "First seen at this time or later.",
        test: RowTest::Tile("first_seen_at"),
        search_parameter: Some("start_first_seen_at"),
        stored_as: "first_seen.since_ms",
    },
    Filter {
        name: "first-seen-until",
        kind: FilterKind::Until,
        layers: FEATURES,
        placeholder: "DATE",
        help: "First seen on or before this date",
        doc: "First seen at this time or earlier.",
        test: RowTest::Tile("first_seen_at"),
        search_parameter: Some("end_first_seen_at"),
        stored_as: "first_seen.until_ms",
    },
    Filter {
        name: "last-seen-since",
        kind: FilterKind::Since,
        layers: FEATURES,
        placeholder: "DATE",
        help: "Last seen on or after this date",
        doc: "Last seen at this time or later.",
        test: RowTest::Tile("last_seen_at"),
        search_parameter: Some("start_last_seen_at"),
        stored_as: "last_seen.since_ms",
    },
    Filter {
        name: "last-seen-until",
        kind: FilterKind::Until,
        layers: FEATURES,
        placeholder: "DATE",
        help: "Last seen on or before this date",
        doc: "Last seen at this time or earlier.",
        test: RowTest::Tile("last_seen_at"),
        search_parameter: Some("end_last_seen_at"),
        stored_as: "last_seen.until_ms",
    },
];

impl Filter {
    /// Every filter, in the order of the documentation.
    pub const ALL: &'static [Self] = &FILTERS;

    /// The filter of this name.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there is none; it names the nearest one.
    pub fn named(name: &str) -> Result<&'static Self> {
        Self::place_of(name).map(|place| &FILTERS[place])
    }

    /// Name in languages whose names have no dashes: `first_seen_since`.
    pub fn keyword(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The filters of a layer.
    pub fn of_layer(layer: Layer) -> impl Iterator<Item = &'static Self> {
        FILTERS.iter().filter(move |filter| filter.layers.contains(&layer))
    }

    /// The column of the tiles that it tests, if it tests one.
    pub(crate) fn tile_column(&self, layer: Layer) -> Option<&'static str> {
        match (self.test, layer) {
            // A row of sequences is the sequence itself.
            (RowTest::Tile("sequence_id"), Layer::Sequences) => Some("id"),
            (RowTest::Tile(name) | RowTest::NotTile(name), _) => Some(name),
            (
                RowTest::Search(_)
                | RowTest::NotSearch(_)
                | RowTest::View
                | RowTest::Spacing
                | RowTest::Positions,
                _,
            ) => None,
        }
    }

    /// The column that it tests and that only searches carry, if it tests one.
    pub(crate) fn search_column(&self) -> Option<&'static str> {
        match self.test {
            RowTest::Search(name) | RowTest::NotSearch(name) => Some(name),
            RowTest::Tile(_)
            | RowTest::NotTile(_)
            | RowTest::View
            | RowTest::Spacing
            | RowTest::Positions => None,
        }
    }

    /// Whether it leaves out the rows that have its value, instead of keeping only them.
    pub(crate) fn excludes(&self) -> bool {
        matches!(self.test, RowTest::NotTile(_) | RowTest::NotSearch(_))
    }

    /// Whether it tests a column that searches do not carry.
    pub(crate) fn needs_tiles(&self) -> bool {
        matches!(self.test, RowTest::Tile("quality_score" | "foot"))
    }

    /// Where the filter of this name stands in the table.
    pub(super) fn place_of(name: &str) -> Result<usize> {
        let place = FILTERS.iter().position(|filter| filter.name == name);
        place.ok_or_else(|| -> Error { unknown("filter", name, &FILTERS.each_ref().map(|f| f.name)) })
    }

    /// Name in messages, where the two ends of a range are one: `first-seen-since/until`.
    pub(super) fn label(&self) -> String {
        match (self.kind, self.name.rsplit_once('-')) {
            (FilterKind::Since | FilterKind::Until, Some((of, _))) => format!("{of}-since/until"),
            (FilterKind::Since | FilterKind::Until, None) => "since/until".to_owned(),
            _ => self.name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::query::Entity;
    use crate::table::ColumnKind;

    /// What a column must hold for a filter of this kind to test it.
    fn column_kind(kind: FilterKind) -> ColumnKind {
        match kind {
            FilterKind::Since | FilterKind::Until => ColumnKind::Time,
            FilterKind::ImageType | FilterKind::YesNo => ColumnKind::Bool,
            FilterKind::Positions => ColumnKind::Point,
            FilterKind::Sector | FilterKind::Position | FilterKind::LeastShare | FilterKind::Metres => {
                ColumnKind::Float
            }
            FilterKind::TextIds | FilterKind::Names | FilterKind::Patterns => ColumnKind::Text,
            FilterKind::NumericIds => ColumnKind::Int,
        }
    }

    #[test]
    fn every_filter_tests_a_column_that_its_layers_have() {
        for filter in Filter::ALL {
            for layer in filter.layers {
                let (columns, name) = match filter.test {
                    RowTest::Tile(_) | RowTest::NotTile(_) => {
                        (layer.columns(), filter.tile_column(*layer).unwrap())
                    }
                    RowTest::Search(name) | RowTest::NotSearch(name) => {
                        (Entity::of_layer(*layer).unwrap().columns(), name)
                    }
                    RowTest::View => (layer.columns(), "compass_angle"),
                    RowTest::Spacing | RowTest::Positions => continue,
                };
                let column = columns.iter().find(|c| c.name == name).expect(filter.name);
                assert_eq!(column.kind, column_kind(filter.kind), "{} of {layer}", filter.name);
            }
        }
    }

    #[test]
    fn no_two_filters_share_a_name_or_a_place_in_stored_queries() {
        let names: HashSet<_> = Filter::ALL.iter().map(|f| f.name).collect();
        let places: HashSet<_> = Filter::ALL.iter().map(|f| f.stored_as).collect();
        assert_eq!((names.len(), places.len()), (FILTERS.len(), FILTERS.len()));
        let is_plain = |text: &str| !text.is_empty() && text.trim() == text;
        assert!(Filter::ALL.iter().all(|f| [f.help, f.doc, f.placeholder].into_iter().all(is_plain)));
    }
}
