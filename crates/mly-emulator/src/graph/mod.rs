//! Entities as JSON: the fields that were requested in their order, `id` always and last, and no field without a value.

mod cluster;
mod detection;
mod entity;
mod feature;
mod fields;
mod image;
mod link;
mod lookup;
mod mesh;
mod node;
mod people;
mod picture;
mod write;

pub(crate) use cluster::file as cluster_file;
pub(crate) use entity::Entity;
pub(crate) use fields::Fields;
pub(crate) use link::{EXPIRED, Links, SignedFile};
pub(crate) use lookup::Graph;
pub(crate) use mesh::file as mesh_file;
pub(crate) use picture::{PictureKey, jpeg};
