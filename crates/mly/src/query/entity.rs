//! Fields of images, map features and organizations in the service's graph, and the columns they become.
//!
//! A field is a row of a table below; look-ups, columns, types and the documentation follow from it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer::Layer;
use crate::api::limits::IDS_PER_REQUEST;
use crate::table::{Column, ColumnKind, column};

/// A kind of thing that has an id and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entity {
    /// A photo.
    Image,
    /// An object or a traffic sign on the map.
    MapFeature,
    /// A group or company that photos are attributed to.
    Organization,
}

/// A column of an entity, and where the service keeps its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// Name of the column.
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: ColumnKind,
    /// What is asked for.
    pub(crate) field: Cow<'static, str>,
    /// The key inside an object; `None` when the field is the value itself.
    pub(crate) key: Option<&'static str>,
}

/// Fields that hold an object, and the keys of it that are columns.
const NESTED: [(&str, &[&str]); 4] = [
    ("creator", &["id", "username"]),
    ("mesh", &["id", "url"]),
    ("organization", &["id"]),
    ("sfm_cluster", &["id", "url"]),
];

/// Every column of an image (API v4, "Image").
const IMAGE: [Column; 33] = [
    column("id", ColumnKind::Id),
    column("altitude", ColumnKind::Float),
    column("atomic_scale", ColumnKind::Float),
    column("camera_parameters", ColumnKind::Floats),
    column("camera_type", ColumnKind::Text),
    column("captured_at", ColumnKind::Time),
    column("compass_angle", ColumnKind::Float),
    column("computed_altitude", ColumnKind::Float),
    column("computed_compass_angle", ColumnKind::Float),
    column("computed_geometry", ColumnKind::Point),
    column("computed_rotation", ColumnKind::Floats),
    column("creator_id", ColumnKind::Id),
    column("creator_username", ColumnKind::Text),
    column("detections", ColumnKind::Json),
    column("exif_orientation", ColumnKind::Int),
    column("height", ColumnKind::Int),
    column("is_pano", ColumnKind::Bool),
    column("make", ColumnKind::Text),
    column("merge_cc", ColumnKind::Float),
    column("mesh_id", ColumnKind::Id),
    column("mesh_url", ColumnKind::Text),
    column("model", ColumnKind::Text),
    column("organization_id", ColumnKind::Id),
    column("quality_score", ColumnKind::Float),
    column("sequence", ColumnKind::Text),
    column("sfm_cluster_id", ColumnKind::Id),
    column("sfm_cluster_url", ColumnKind::Text),
    column("thumb_256_url", ColumnKind::Text),
    column("thumb_1024_url", ColumnKind::Text),
    column("thumb_2048_url", ColumnKind::Text),
    column("thumb_original_url", ColumnKind::Text),
    column("width", ColumnKind::Int),
    column("geometry", ColumnKind::Point),
];

/// Every column of a map feature (API v4, "Map feature").
const MAP_FEATURE: [Column; 8] = [
    column("id", ColumnKind::Id),
    column("aligned_direction", ColumnKind::Float),
    column("first_seen_at", ColumnKind::Time),
    column("images", ColumnKind::Json),
    column("last_seen_at", ColumnKind::Time),
    column("object_type", ColumnKind::Text),
    column("object_value", ColumnKind::Text),
    column("geometry", ColumnKind::Point),
];

/// Every column of an organization (API v4, "Organization, user, sequence").
const ORGANIZATION: [Column; 4] = [
    column("id", ColumnKind::Id),
    column("slug", ColumnKind::Text),
    column("name", ColumnKind::Text),
    column("description", ColumnKind::Text),
];

/// The service refuses a request for several ids that names this field, so each image gets a request of its own.
const FETCHED_SEPARATELY: &str = "sfm_cluster";

/// Fields that are left out unless a user names them: the first is large, the second costs one request per image.
const BY_NAME: [&str; 2] = ["detections", FETCHED_SEPARATELY];

impl Entity {
    /// The columns of an entity: `id` first, `geometry` last.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Image => &IMAGE,
            Self::MapFeature => &MAP_FEATURE,
            Self::Organization => &ORGANIZATION,
        }
    }

    /// Name of one, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::MapFeature => "map feature",
            Self::Organization => "organization",
        }
    }

    /// A field that entities of this kind have and no other kind has. A request that names it fails for ids of other
    /// kinds, which would be taken for this one otherwise.
    pub(crate) fn distinguishing_field(self) -> &'static str {
        match self {
            Self::Image => "captured_at",
            Self::MapFeature => "object_value",
            Self::Organization => "slug",
        }
    }

    /// The value of the parameter `fields`. It always names the distinguishing field, so that ids of other kinds fail.
    pub(crate) fn fields_parameter(self, attributes: &[Attribute]) -> String {
        let own = self.distinguishing_field();
        match fields_parameter(attributes) {
            fields if fields.split(',').any(|field| field == own) => fields,
            fields if fields == "id" => own.to_owned(),
            fields => format!("{fields},{own}"),
        }
    }

    /// The kind of entity whose ids the rows of a layer have; the graph has no entity for sequences.
    pub(crate) fn of_layer(layer: Layer) -> Option<Self> {
        match layer {
            Layer::Images => Some(Self::Image),
            Layer::Points | Layer::Signs => Some(Self::MapFeature),
            Layer::Sequences => None,
        }
    }

    /// The columns when no fields are named: those that one request can give for many ids, and for a single id the rest.
    pub(crate) fn default_attributes(self, count: usize) -> Vec<Attribute> {
        let all = self.columns().iter().map(Attribute::of_column);
        all.filter(|a| !BY_NAME.contains(&&*a.field) || (a.field == FETCHED_SEPARATELY && count == 1))
            .collect()
    }

    /// The columns that names ask for, in the order of the table, unknown ones behind; `id` and `geometry` always.
    ///
    /// A name is a column (`creator_username`), a field (`creator`), or anything else, which the service is asked for
    /// as it is written (`detections.value`).
    pub(crate) fn attributes<S: AsRef<str>>(self, names: &[S]) -> Vec<Attribute> {
        let known: Vec<_> = self.columns().iter().map(Attribute::of_column).collect();
        let asks = |name: &str, a: &Attribute| {
            a.name == name || a.field == name || a.key.is_some_and(|key| name == format!("{}.{key}", a.field))
        };
        let always = |a: &Attribute| matches!(&*a.name, "id" | "geometry");
        let wanted = |a: &&Attribute| always(a) || names.iter().any(|name| asks(name.as_ref(), a));
        let mut list: Vec<_> = known.iter().filter(wanted).cloned().collect();
        let geometry = list.pop_if(|a| a.name == "geometry");
        for name in names.iter().map(AsRef::as_ref) {
            let other = Attribute::unknown(name);
            match list.iter_mut().find(|a| a.name == other.name) {
                // `detections.value` asks for more of a column that is JSON as it is.
                Some(same) if same.kind == ColumnKind::Json => same.ask_more(&other.field),
                _ if known.iter().any(|a| asks(name, a)) => {}
                Some(_) | None => list.push(other),
            }
        }
        list.extend(geometry);
        list
    }

    /// Whether a name stands for a column of the table.
    pub(crate) fn knows(self, name: &str) -> bool {
        let base = name.split(['.', '{']).next().unwrap_or_default();
        let known = |c: &Column| c.name == name || Attribute::of_column(c).field == base;
        self.columns().iter().any(known)
    }
}

impl Attribute {
    /// The id itself, which every answer holds.
    pub(crate) fn id() -> Self {
        Self::of_column(&column("id", ColumnKind::Id))
    }

    fn of_column(column: &Column) -> Self {
        let nested = NESTED.iter().find_map(|(field, keys)| {
            let key = column.name.strip_prefix(field)?.strip_prefix('_')?;
            keys.iter().find(|known| **known == key).map(|key| (*field, *key))
        });
        let (field, key) = nested.map_or((column.name, None), |(field, key)| (field, Some(key)));
        Self { name: column.name.into(), kind: column.kind, field: field.into(), key }
    }

    /// Adds one more path into a field, such as `detections.value`.
    fn ask_more(&mut self, path: &str) {
        let known = |field: &str| field == path || field.split(',').any(|known| known == path);
        match &*self.field {
            field if known(field) || path == self.name => {}
            whole if *whole == self.name => self.field = path.to_owned().into(),
            field => self.field = format!("{field},{path}").into(),
        }
    }

    /// A field that this version does not know; its value is passed through.
    fn unknown(name: &str) -> Self {
        let base = name.split(['.', '{']).next().unwrap_or_default();
        Self {
            name: base.to_owned().into(),
            kind: ColumnKind::Json,
            field: name.to_owned().into(),
            key: None,
        }
    }
}

/// The value of the parameter `fields`.
pub(crate) fn fields_parameter(attributes: &[Attribute]) -> String {
    let mut fields: Vec<&str> = Vec::new();
    for attribute in attributes.iter().filter(|a| a.name != "id") {
        if !fields.contains(&&*attribute.field) {
            fields.push(&attribute.field);
        }
    }
    if fields.is_empty() { "id".to_owned() } else { fields.join(",") }
}

/// How many ids one request may ask these fields of.
pub(crate) fn ids_at_once(attributes: &[Attribute]) -> usize {
    if attributes.iter().any(|a| a.field.starts_with(FETCHED_SEPARATELY)) { 1 } else { IDS_PER_REQUEST }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(attributes: &[Attribute]) -> Vec<&str> {
        attributes.iter().map(|a| &*a.name).collect()
    }

    #[test]
    fn a_name_may_be_a_column_a_field_or_a_path() {
        for (asked, columns, fields) in [
            (&["creator"][..], &["id", "creator_id", "creator_username", "geometry"][..], "creator,geometry"),
            (&["creator_username"], &["id", "creator_username", "geometry"], "creator,geometry"),
            (&["creator.username"], &["id", "creator_username", "geometry"], "creator,geometry"),
            (&["width", "make"], &["id", "make", "width", "geometry"], "make,width,geometry"),
            (&["detections.value"], &["id", "detections", "geometry"], "detections.value,geometry"),
            (&["title"], &["id", "title", "geometry"], "title,geometry"),
            (&[], &["id", "geometry"], "geometry"),
        ] {
            let attributes = Entity::Image.attributes(asked);
            assert_eq!(
                (names(&attributes), fields_parameter(&attributes)),
                (columns.to_vec(), fields.to_owned())
            );
        }
        assert_eq!(fields_parameter(&Entity::Organization.attributes(&["name"])), "name");
    }

    #[test]
    fn clusters_are_asked_for_one_at_a_time() {
        assert_eq!(ids_at_once(&Entity::Image.default_attributes(2)), 50);
        assert_eq!(ids_at_once(&Entity::Image.default_attributes(1)), 1);
        assert_eq!(ids_at_once(&Entity::Image.attributes(&["sfm_cluster.url"])), 1);
    }
}
