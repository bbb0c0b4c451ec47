//! Symbols of QGIS: points and lines in one colour.

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// The shape of a point.
#[derive(Clone, Copy)]
pub(super) enum Marker {
    Circle,
    Triangle,
    Square,
    Diamond,
}

/// How a feature is drawn.
pub(super) enum Symbol {
    Point(Colour),
    /// A larger point, whose shape tells more.
    Sign(Marker, Colour),
    Line(Colour),
    /// A line with arrows in its direction.
    Arrows(Colour),
}

impl Symbol {
    /// The symbol under a name, in the language of QGIS.
    pub(super) fn qml(&self, name: &str) -> String {
        match self {
            Self::Point(colour) => symbol("marker", name, &point("circle", "1.8", *colour)),
            Self::Sign(marker, colour) => symbol("marker", name, &sign(*marker, *colour)),
            Self::Line(colour) => symbol("line", name, &line(*colour, "0.9")),
            Self::Arrows(colour) => {
                let arrow = options(&[
                    ("name", "filled_arrowhead"),
                    ("color", &text(*colour)),
                    ("outline_color", &text(*colour)),
                    ("size", "2.2"),
                ]);
                let arrow = layer("SimpleMarker", &arrow);
                let place = options(&[
                    ("interval", "15"),
                    ("interval_unit", "MM"),
                    ("placement", "interval"),
                    ("rotate", "1"),
                ]);
                // The symbol of a layer is known by the number of the symbol and that of the layer.
                let along = layer("MarkerLine", &(place + &symbol("marker", &format!("@{name}@1"), &arrow)));
                symbol("line", name, &(line(*colour, "0.5") + &along))
            }
        }
    }
}

fn sign(marker: Marker, colour: Colour) -> String {
    let (shape, size) = match marker {
        Marker::Circle => ("circle", "3"),
        Marker::Triangle => ("triangle", "3.6"),
        Marker::Square => ("square", "3"),
        Marker::Diamond => ("diamond", "3.6"),
    };
    point(shape, size, colour)
}

fn point(shape: &str, size: &str, colour: Colour) -> String {
    let options = options(&[
        ("name", shape),
        ("color", &text(colour)),
        ("outline_color", "255,255,255,255"),
        ("outline_width", "0.2"),
        ("outline_width_unit", "MM"),
        ("size", size),
        ("size_unit", "MM"),
    ]);
    layer("SimpleMarker", &options)
}

fn line(colour: Colour, width: &str) -> String {
    let options = options(&[
        ("line_color", &text(colour)),
        ("line_width", width),
        ("line_width_unit", "MM"),
        ("capstyle", "round"),
        ("joinstyle", "round"),
    ]);
    layer("SimpleLine", &options)
}

fn text([red, green, blue]: Colour) -> String {
    format!("{red},{green},{blue},255")
}

fn symbol(kind: &str, name: &str, layers: &str) -> String {
    format!(
        "   <symbol type=\"{kind}\" name=\"{name}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\n{layers}   </symbol>\n"
    )
}

fn layer(class: &str, content: &str) -> String {
    format!("    <layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\">\n{content}    </layer>\n")
}

/// Options as versions from 3.20 on have them.
fn options(all: &[(&str, &str)]) -> String {
    let one = |(name, value): &(&str, &str)| {
        format!("      <Option type=\"QString\" name=\"{name}\" value=\"{value}\"/>\n")
    };
    format!("     <Option type=\"Map\">\n{}     </Option>\n", all.iter().map(one).collect::<String>())
}
