//! Files from others, which the crate has packed: `scripts/map-assets` makes them, and `assets/SHA256SUMS` has their
//! checksums.

use std::io::{self, Read};

use flate2::read::GzDecoder;

/// `MapLibre` GL JS, as a plain script.
const MAPLIBRE: &[u8] = include_bytes!("../assets/maplibre-gl.js.gz");
const MAPLIBRE_STYLE: &[u8] = include_bytes!("../assets/maplibre-gl.css.gz");

/// Pictures of signs and objects from Mapillary's `mapillary_sprite_source`, one a line.
const PICTURES: &[u8] = include_bytes!("../assets/signs.txt.gz");

/// A packed file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vendored {
    Maplibre,
    MaplibreStyle,
    Pictures,
}

impl Vendored {
    /// Its text.
    ///
    /// # Errors
    /// Never, unless the crate was packed wrong.
    pub(crate) fn text(self) -> io::Result<String> {
        let packed = match self {
            Self::Maplibre => MAPLIBRE,
            Self::MaplibreStyle => MAPLIBRE_STYLE,
            Self::Pictures => PICTURES,
        };
        let mut text = String::new();
        GzDecoder::new(packed).read_to_string(&mut text)?;
        Ok(text)
    }
}
