//! Queries and lookups as plain values, which can be compared, cloned, printed and stored. Nothing is sent.

mod area;
mod circle;
mod drawing;
mod entity;
mod features;
mod filters;
pub(crate) mod geojson;
mod ids;
mod labels;
mod layer;
mod lookup;
mod moment;
mod near;
mod outline;
mod photo;
mod region;
mod shape;
mod surface;
mod time;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use area::Area;
pub(crate) use drawing::DrawingBuilder;
pub use entity::Entity;
pub(crate) use entity::{Attribute, fields_parameter, ids_at_once};
pub(crate) use features::FeatureIndex;
pub(crate) use filters::RowTest;
pub use filters::{
    Filter, FilterKind, FilterValue, Filters, ImageType, Positions, Sector, ValuePattern, names_in,
};
pub(crate) use ids::is_sequence_id;
pub use layer::Layer;
use lookup::is_field;
pub use lookup::{Lookup, Outlines, Subject};
pub use moment::Moment;
pub(crate) use near::NearIndex;
pub use photo::PhotoSize;
pub(crate) use region::{Region, Touch};
pub(crate) use shape::Shape;
pub(crate) use time::TimeRange;
pub use time::{earliest_ms, latest_ms};

use crate::api::tiles::SIMPLIFIED_ZOOMS;
use crate::error::{Error, Result, unknown};
use crate::table::{Column, ColumnKind, column};

/// The column that names the feature of the area which holds the row.
pub(crate) const AREA_COLUMN: &str = "area";

/// The column with the distance of a row from its point.
pub(crate) const DISTANCE_COLUMN: &str = "distance_m";

/// Name of the tile set with the computed positions of images (API v4, "Vector tiles").
const COMPUTED_TILE_SET: &str = "mly1_computed_public";

/// A question to the service.
///
/// ```
/// use mly::{Area, Query};
///
/// let query = Query::images(Area::bbox(8.98, 51.98, 9.03, 52.01)?).with_since("2023")?.with_limit(1000);
/// assert_eq!(query.plan()?.cost().tiles, 9);
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[must_use = "a query does nothing until a client runs it"]
pub struct Query {
    layer: Layer,
    area: Area,
    filters: Filters,
    fields: Option<Vec<String>>,
    limit: Option<u64>,
    cut: bool,
    #[serde(default)]
    prune: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nearest: Option<u32>,
}

impl Query {
    /// Everything of a layer inside an area.
    pub fn new(layer: Layer, area: Area) -> Self {
        Self {
            layer,
            area,
            filters: Filters::default(),
            fields: None,
            limit: None,
            cut: false,
            prune: None,
            nearest: None,
        }
    }

    /// Every image inside an area.
    pub fn images(area: Area) -> Self {
        Self::new(Layer::Images, area)
    }

    /// Every sequence that touches an area.
    pub fn sequences(area: Area) -> Self {
        Self::new(Layer::Sequences, area)
    }

    /// Every map feature that is an object inside an area.
    pub fn points(area: Area) -> Self {
        Self::new(Layer::Points, area)
    }

    /// Every map feature that is a traffic sign inside an area.
    pub fn signs(area: Area) -> Self {
        Self::new(Layer::Signs, area)
    }

    /// Only what was captured at this date or later (images, sequences).
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is no date.
    pub fn with_since(self, date: &str) -> Result<Self> {
        self.with_filter("since", FilterValue::Since(Moment::earliest(date)?))
    }

    /// Only what was captured at this date or earlier; `2021` includes all of 2021 (images, sequences).
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the text is no date.
    pub fn with_until(self, date: &str) -> Result<Self> {
        self.with_filter("until", FilterValue::Until(Moment::latest(date)?))
    }

    /// Sets one filter; see [`Filters::with`].
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when there is no such filter or the value is of another type than it takes.
    pub fn with_filter(mut self, name: &str, value: impl Into<FilterValue>) -> Result<Self> {
        self.filters = self.filters.with(name, value)?;
        Ok(self)
    }

    /// Sets all filters at once.
    pub fn with_filters(mut self, filters: Filters) -> Self {
        self.filters = filters;
        self
    }

    /// Only these columns, besides `id` and `geometry`, which always come.
    ///
    /// Names of the graph stand for the columns of tiles that hold the same: `sequence` for `sequence_id`, `object_value`
    /// for `value`.
    pub fn with_fields<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let own = |name: S| self.layer.own_name(&name.into()).to_owned();
        self.fields = Some(names.into_iter().map(own).collect());
        self
    }

    /// At most this many rows.
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Keeps of each sequence only what the fetched tiles show.
    pub fn with_cut(mut self, cut: bool) -> Self {
        self.cut = cut;
        self
    }

    /// Reads the tiles of this zoom (6 to 13) first, and then only those that its lines touch, and their neighbours.
    ///
    /// Saves most requests where coverage is sparse. Tiles of low zooms are nearly, not fully, complete: what was taken
    /// far from every line that they show is lost, and single images are.
    pub fn with_prune(mut self, zoom: u8) -> Self {
        self.prune = Some(zoom);
        self
    }

    /// Of the rows within the buffer of each point, only this many: the nearest ones.
    ///
    /// A row may come for several points. Its columns `area` and `distance_m` say for which one, and how far away it is. The
    /// area has to be of points, with a buffer and a column ([`AreaReader`](crate::source::AreaReader)).
    pub fn with_nearest(mut self, rows: u32) -> Self {
        self.nearest = Some(rows);
        self
    }

    /// How many rows are wanted for each point, if not all that are near.
    pub fn nearest(&self) -> Option<u32> {
        self.nearest
    }

    /// The zoom that is read first, if tiles are pruned.
    pub fn prune(&self) -> Option<u8> {
        self.prune
    }

    /// The layer asked for.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// The area asked for.
    pub fn area(&self) -> &Area {
        &self.area
    }

    /// The filters asked for.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// Whether sequences are cut to what the fetched tiles show.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The columns asked for, if not all.
    pub fn fields(&self) -> Option<&[String]> {
        self.fields.as_deref()
    }

    /// The most rows wanted, if not all.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Checks everything that can be wrong with a query, as [`Query::plan`] does.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a filter does not fit the layer, a range is reversed or a field is unknown.
    pub fn check(&self) -> Result<()> {
        self.area.check()?;
        self.filters.check(self.layer)?;
        self.check_fields()?;
        self.check_nearest()?;
        if let Some(zoom) = self.prune.filter(|zoom| !SIMPLIFIED_ZOOMS.contains(zoom)) {
            return Err(Error::query(format!("tiles cannot be pruned by zoom {zoom}"))
                .with_hint("lines are in tiles of zoom 6 to 13; 8 suits countries"));
        }
        if self.cut && self.layer != Layer::Sequences {
            return Err(Error::query(format!("cut does not fit {}", self.layer))
                .with_hint("only sequences can be cut"));
        }
        Ok(())
    }
}

impl Query {
    fn check_nearest(&self) -> Result<()> {
        match self.nearest {
            Some(0) => Err(Error::query("the nearest 0 rows are none").with_hint("ask for 1 or more")),
            Some(_) if self.filters.spacing_m().is_some() => Err(Error::query(
                "`spacing` and the nearest rows of points do not go together",
            )
            .with_hint("ask for one of the two, and choose among the rows of the result for the other")),
            Some(_) if self.layer == Layer::Sequences => {
                Err(Error::query("nearest does not fit sequences").with_hint("ask for images"))
            }
            Some(_) if !self.area.is_of_points() => Err(Error::query("nearest rows are those of points")
                .with_hint("the area has to consist of points, with a buffer and a column")),
            Some(_) | None => Ok(()),
        }
    }

    /// The columns that come from the area, and not from the layer.
    pub(crate) fn area_columns(&self) -> Vec<Column> {
        let area = self.area.labels().map(|labels| column(AREA_COLUMN, labels.kind()));
        let distance = self.nearest.map(|_| column(DISTANCE_COLUMN, ColumnKind::Float));
        area.into_iter().chain(distance).collect()
    }

    fn check_fields(&self) -> Result<()> {
        let mut known: Vec<_> = self.layer.columns().iter().map(|c| c.name).collect();
        known.extend(self.area_columns().iter().map(|column| column.name));
        let entity = Entity::of_layer(self.layer);
        let is_known = |name: &String| {
            known.contains(&name.as_str()) || (is_field(name) && entity.is_some_and(|e| e.knows(name)))
        };
        let is_unknown = |name: &&String| !is_known(name);
        let Some(name) = self.fields.iter().flatten().find(is_unknown) else { return Ok(()) };
        let of_entity = entity.into_iter().flat_map(Entity::columns).map(|c| c.name);
        let more: Vec<_> = of_entity.filter(|name| !known.contains(name)).collect();
        known.extend(more);
        Err(unknown(&format!("field of {}", self.layer), name, &known))
    }

    /// Whether a column of the layer is wanted. It can be named as a column or as a field of the service: `creator`
    /// selects `creator_id`.
    pub(crate) fn selects(&self, column: &str) -> bool {
        let Some(fields) = &self.fields else { return true };
        let named = || {
            let entity = Entity::of_layer(self.layer)?;
            Some(entity.attributes(fields).iter().any(|a| a.name == column))
        };
        matches!(column, "id" | "geometry")
            || fields.iter().any(|f| f == column)
            || named().unwrap_or_default()
    }

    /// Name of the tile set that holds the rows.
    pub(crate) fn tile_set(&self) -> &'static str {
        match (self.filters.positions(), self.layer) {
            (Positions::Computed, Layer::Images | Layer::Sequences) => COMPUTED_TILE_SET,
            _ => self.layer.tile_set(),
        }
    }

    /// The column of the graph that holds the positions of images.
    pub(crate) fn position_column(&self) -> &'static str {
        match self.filters.positions() {
            Positions::Original => "geometry",
            Positions::Computed => "computed_geometry",
        }
    }

    /// The columns that a search requests: those of the tiles, and those that only searches can filter by.
    pub(crate) fn searched_attributes(&self) -> Vec<Attribute> {
        const IMAGES: &[&str] = &[
            "captured_at",
            "compass_angle",
            "creator",
            "is_pano",
            "organization",
            "quality_score",
            "sequence",
        ];
        const MAP_FEATURES: &[&str] = &["first_seen_at", "last_seen_at", "object_type", "object_value"];
        let (entity, carried) = match self.layer {
            Layer::Images | Layer::Sequences => (Entity::Image, IMAGES),
            Layer::Points | Layer::Signs => (Entity::MapFeature, MAP_FEATURES),
        };
        let only_searched = Filter::of_layer(self.layer).filter_map(Filter::search_column);
        let position = Some(self.position_column()).filter(|name| *name != "geometry");
        entity.attributes(&carried.iter().copied().chain(only_searched).chain(position).collect::<Vec<_>>())
    }

    /// The wanted columns that tiles and searches do not have, and that are therefore looked up by id.
    pub(crate) fn fetched_attributes(&self) -> Vec<Attribute> {
        let carried = self.layer.columns();
        let own = self.area_columns();
        let names = |name: &&String| !carried.iter().chain(&own).any(|c| c.name == *name);
        let (Some(entity), Some(fields)) = (Entity::of_layer(self.layer), &self.fields) else {
            return Vec::new();
        };
        let fetched: Vec<_> = fields.iter().filter(names).collect();
        let mut attributes = entity.attributes(&fetched);
        attributes.retain(|a| !carried.iter().chain(&own).any(|c| c.name == a.name));
        attributes
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.layer, self.area)?;
        let filters = self.filters.labels();
        if !filters.is_empty() {
            write!(f, ", filtered by {}", filters.join(", "))?;
        }
        if let Some(rows) = self.nearest {
            write!(f, ", the nearest {rows} of each point")?;
        }
        if let Some(limit) = self.limit {
            write!(f, ", at most {limit}")?;
        }
        Ok(())
    }
}
