//! How QGIS draws a layer: a style in the table where it looks for one when it opens the package.
//!
//! The columns decide: a verdict such as `status` has its colour, images and sequences are coloured by their age, and
//! objects by the category in their value. Other layers have no style, and QGIS draws them in one colour.

use arrow_schema::{DataType, Schema};

use super::symbol::{Colour, Marker, Symbol};

/// What a layer is drawn by: an expression of QGIS, and a class for each of its values.
pub(super) struct Style {
    expression: String,
    classes: Vec<Class>,
}

/// A value of the expression, and how it is drawn. The last class has no value and is that of all others.
struct Class {
    value: &'static str,
    label: &'static str,
    symbol: Symbol,
}

const GREEN: Colour = [26, 152, 80];
const BLUE: Colour = [33, 113, 181];
const AMBER: Colour = [245, 166, 35];
const RED: Colour = [203, 24, 29];
const BROWN: Colour = [166, 86, 40];
/// Of what is old: between amber and the red of signs.
const RUST: Colour = [150, 70, 80];
const VIOLET: Colour = [129, 62, 158];
const GREY: Colour = [140, 140, 140];

/// Columns that give a verdict on each row, in the order in which they are looked for, and what they say.
const VERDICTS: [(&str, &[(&str, Colour)]); 3] = [
    ("tier", &[("fresh", GREEN), ("aging", AMBER), ("stale", RUST), ("none", GREY)]),
    (
        "change",
        &[
            ("new", GREEN),
            ("back", GREEN),
            ("seen_again", BLUE),
            ("changed", AMBER),
            ("remade", VIOLET),
            ("maybe_gone", BROWN),
            ("gone", RED),
            ("deleted", RED),
        ],
    ),
    (
        "status",
        &[
            ("confirmed", GREEN),
            ("missing", BLUE),
            ("conflicting", AMBER),
            ("maybe_removed", RED),
            ("ambiguous", VIOLET),
            ("temporary", BROWN),
        ],
    ),
];

/// The age of what was captured, against the day on which somebody looks.
const AGE: &str = "CASE WHEN \"captured_at\" IS NULL THEN 'undated' \
                   WHEN \"captured_at\" > now() - to_interval('2 years') THEN 'fresh' \
                   WHEN \"captured_at\" > now() - to_interval('4 years') THEN 'aging' ELSE 'stale' END";

const AGES: [(&str, &str, Colour); 3] = [
    ("fresh", "up to 2 years old", GREEN),
    ("aging", "2 to 4 years old", AMBER),
    ("stale", "older than 4 years", RUST),
];

/// The category of an object: what comes first in its value.
const CATEGORY: &str = "regexp_substr(\"value\", '^([a-z]+)')";

const CATEGORIES: [(&str, &str, Marker, Colour); 7] = [
    ("regulatory", "regulatory signs", Marker::Circle, RED),
    ("warning", "warning signs", Marker::Triangle, AMBER),
    ("information", "information signs", Marker::Square, BLUE),
    ("complementary", "complementary signs", Marker::Diamond, GREY),
    ("object", "objects", Marker::Circle, GREEN),
    ("construction", "built things", Marker::Square, BROWN),
    ("marking", "road markings", Marker::Diamond, VIOLET),
];

impl Style {
    /// The style of a layer with these columns, if it has one. Layers are of points, or else of lines.
    pub(super) fn of(schema: &Schema, is_of_points: bool) -> Option<Self> {
        let has = |name: &str, is: fn(&DataType) -> bool| {
            schema.field_with_name(name).is_ok_and(|field| is(field.data_type()))
        };
        let is_text = |data_type: &DataType| *data_type == DataType::Utf8;
        let plain = |colour| if is_of_points { Symbol::Point(colour) } else { Symbol::Line(colour) };
        if let Some((column, verdicts)) = VERDICTS.iter().find(|(column, _)| has(column, is_text)) {
            let class = |(value, colour): &(&'static str, Colour)| Class {
                value,
                label: value,
                symbol: plain(*colour),
            };
            let classes = verdicts.iter().map(class);
            let other = Class { value: "", label: "other", symbol: plain(GREY) };
            return Some(Self {
                expression: format!("\"{column}\""),
                classes: classes.chain([other]).collect(),
            });
        }
        if has("value", is_text) && is_of_points {
            let class = |(value, label, marker, colour): &(&'static str, &'static str, Marker, Colour)| {
                Class { value, label, symbol: Symbol::Sign(*marker, *colour) }
            };
            let other = Class { value: "", label: "other", symbol: Symbol::Sign(Marker::Circle, GREY) };
            let classes = CATEGORIES.iter().map(class).chain([other]).collect();
            return Some(Self { expression: CATEGORY.to_owned(), classes });
        }
        if has("captured_at", |data_type| matches!(data_type, DataType::Timestamp(..))) {
            // The lines of sequences run as the images were taken.
            let of_age = |colour| if is_of_points { plain(colour) } else { Symbol::Arrows(colour) };
            let class = |(value, label, colour): &(&'static str, &'static str, Colour)| Class {
                value,
                label,
                symbol: of_age(*colour),
            };
            let undated = Class { value: "", label: "without a date", symbol: of_age(GREY) };
            let classes = AGES.iter().map(class).chain([undated]).collect();
            return Some(Self { expression: AGE.to_owned(), classes });
        }
        None
    }

    /// The style in the language of QGIS.
    pub(super) fn qml(&self) -> String {
        let numbered = || self.classes.iter().enumerate();
        let category = |(number, class): (usize, &Class)| {
            let Class { value, label, .. } = class;
            format!(
                "   <category symbol=\"{number}\" type=\"string\" value=\"{value}\" label=\"{label}\" render=\"true\"/>\n"
            )
        };
        let categories: String = numbered().map(category).collect();
        let symbols: String =
            numbered().map(|(number, class)| class.symbol.qml(&number.to_string())).collect();
        let expression = self
            .expression
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        format!(
            "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
             <qgis version=\"3.22\" styleCategories=\"Symbology\">\n\
             \u{20}<renderer-v2 type=\"categorizedSymbol\" attr=\"{expression}\" symbollevels=\"0\" \
             enableorderby=\"0\" forceraster=\"0\">\n\
             \u{20} <categories>\n{categories}  </categories>\n\
             \u{20} <symbols>\n{symbols}  </symbols>\n\
             \u{20}</renderer-v2>\n\
             </qgis>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Layer;
    use crate::table::schema;

    #[test]
    fn layers_are_drawn_by_what_people_look_for_in_them() {
        let by = |layer: Layer, is_of_points| {
            let style = Style::of(&schema(layer.columns()), is_of_points).unwrap();
            let shapes = style.classes.iter().map(|class| class.label).collect::<Vec<_>>();
            (style.expression, shapes.join(", "))
        };
        assert_eq!(
            by(Layer::Images, true).1,
            "up to 2 years old, 2 to 4 years old, older than 4 years, without a date"
        );
        assert_eq!(by(Layer::Sequences, false).0, AGE);
        assert_eq!(by(Layer::Signs, true).0, CATEGORY);
    }
}
