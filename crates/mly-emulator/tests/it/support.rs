//! What the tests have in common.

use std::{collections::BTreeMap, sync::LazyLock};

use mly_emulator::{Emulator, World};
use mly_mvt::{Geometry, Tile, Value};
use reqwest::{
    blocking::{Client, Response},
    redirect,
};
use serde_json::Value as Json;

/// Tile columns and rows of the demo world at zoom 14.
pub(crate) const DEMO_COLUMNS: std::ops::RangeInclusive<u32> = 8599..=8603;
pub(crate) const DEMO_ROWS: std::ops::RangeInclusive<u32> = 5410..=5414;

static HTTP: LazyLock<Client> = LazyLock::new(|| {
    // The client insists on a provider although nothing here is encrypted.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap()
});

/// A client that neither follows redirects nor unpacks bodies.
pub(crate) fn http() -> &'static Client {
    &HTTP
}

pub(crate) fn demo() -> Emulator {
    Emulator::start(World::demo()).unwrap()
}

pub(crate) fn escaped(token: &str) -> String {
    token.replace('|', "%7C")
}

/// GET with the token in the query.
pub(crate) fn get(emulator: &Emulator, path: &str) -> Response {
    let joint = if path.contains('?') { '&' } else { '?' };
    let url = format!("{}{path}{joint}access_token={}", emulator.url(), escaped(emulator.token()));
    http().get(url).send().unwrap()
}

/// The JSON of a 200.
pub(crate) fn json(emulator: &Emulator, path: &str) -> Json {
    let response = get(emulator, path);
    let status = response.status();
    let text = response.text().unwrap();
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// Status and envelope of an error.
pub(crate) fn error(response: Response) -> (u16, Json) {
    let status = response.status().as_u16();
    let mut body: Json = serde_json::from_str(&response.text().unwrap()).unwrap();
    (status, body["error"].take())
}

pub(crate) fn tile(emulator: &Emulator, set: &str, z: u8, x: u32, y: u32) -> Vec<u8> {
    let response = get(emulator, &format!("/maps/vtp/{set}/2/{z}/{x}/{y}"));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-protobuf");
    response.bytes().unwrap().to_vec()
}

/// A decoded feature.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub(crate) id: u64,
    pub(crate) geometry: Geometry,
    /// Values as the debug form of their wire type: `Int(5)`, `Double(1.5)` ...
    pub(crate) properties: BTreeMap<String, String>,
}

impl Feature {
    pub(crate) fn point(&self) -> [i32; 2] {
        let Geometry::Points(points) = &self.geometry else { panic!("no point: {self:?}") };
        points[0]
    }

    pub(crate) fn lines(&self) -> &[Vec<[i32; 2]>] {
        let Geometry::Lines(lines) = &self.geometry else { panic!("no line: {self:?}") };
        lines
    }

    /// The text between the brackets, without quotes.
    pub(crate) fn text(&self, key: &str) -> &str {
        let value = &self.properties[key];
        let inner = value.split_once('(').unwrap().1.strip_suffix(')').unwrap();
        inner.trim_matches('"')
    }

    pub(crate) fn wire_type(&self, key: &str) -> &str {
        self.properties[key].split_once('(').unwrap().0
    }
}

/// Layer names and features in the order of the tile.
pub(crate) fn decode(bytes: &[u8]) -> Vec<(String, Vec<Feature>)> {
    Tile::new(bytes)
        .layers()
        .map(|layer| {
            let layer = layer.unwrap();
            assert_eq!((layer.version(), layer.extent()), (2, 4096));
            let features = layer
                .features()
                .map(|feature| {
                    let feature = feature.unwrap();
                    let properties = feature
                        .tags()
                        .map(|tag| {
                            let (key, value) = tag.unwrap();
                            let value: Value<'_> = layer.values()[value as usize];
                            (layer.keys()[key as usize].to_owned(), format!("{value:?}"))
                        })
                        .collect();
                    Feature { id: feature.id().unwrap(), geometry: feature.geometry().unwrap(), properties }
                })
                .collect();
            (layer.name().to_owned(), features)
        })
        .collect()
}

/// The features of a layer; none when the tile does not have it.
pub(crate) fn layer(bytes: &[u8], name: &str) -> Vec<Feature> {
    decode(bytes)
        .into_iter()
        .find(|(known, _)| known == name)
        .map(|(_, features)| features)
        .unwrap_or_default()
}

/// All images of the demo tiles with the tile that they came from.
pub(crate) fn demo_tiles(emulator: &Emulator, set: &str) -> Vec<([u32; 2], Vec<u8>)> {
    DEMO_COLUMNS
        .flat_map(|x| DEMO_ROWS.map(move |y| [x, y]))
        .map(|[x, y]| ([x, y], tile(emulator, set, 14, x, y)))
        .collect()
}
