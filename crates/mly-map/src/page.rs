//! A page that is put together layer by layer.

use std::io::Write;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::basemap::Basemap;
use crate::document::Document;
use crate::error::{MapError, Result};
use crate::json::{append_key, append_member};
use crate::layer::PageLayer;
use crate::photo::Photos;
use crate::picture::append_pictures;

/// Most bytes of rows in one page: browsers keep a page as one text, and some stop at 512 MiB.
const MOST: usize = 400_000_000;

/// A page: layers of rows, and what is shown with them.
#[derive(Debug, Default)]
pub struct Page {
    title: String,
    layers: Vec<PageLayer>,
    basemap: Option<Basemap>,
    photos: Photos,
}

impl Page {
    /// An empty page with a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a layer of all these rows. It is drawn above earlier ones of its kind; points are above lines.
    ///
    /// A second layer of the same name is named `NAME-2`. Rows without a geometry are counted and listed, not drawn.
    ///
    /// # Errors
    /// When the rows cannot be read, a geometry is not in degrees, a column is of a type that is not shown, or the page
    /// would be larger than browsers open.
    pub fn with_layer(
        mut self,
        name: &str,
        schema: &SchemaRef,
        rows: impl IntoIterator<Item = mly::Result<RecordBatch>>,
    ) -> Result<Self> {
        let names = (1_u64..).map(|n| if n == 1 { name.to_owned() } else { format!("{name}-{n}") });
        let is_free = |name: &String| self.layers.iter().all(|layer| layer.name() != name);
        let name = names.into_iter().find(is_free).unwrap_or_default();
        let mut layer = PageLayer::new(&name, schema)?;
        let before: usize = self.layers.iter().map(PageLayer::size).sum();
        for batch in rows {
            layer.push(&batch?)?;
            let bytes = before + layer.size();
            if bytes > MOST {
                let rows = self.rows() + layer.rows();
                return Err(MapError::TooLarge { rows, bytes, most: MOST });
            }
        }
        self.layers.push(layer);
        Ok(self)
    }

    /// Puts a map from elsewhere below the rows. The page then asks its host for tiles.
    #[must_use]
    pub fn with_basemap(mut self, basemap: Basemap) -> Self {
        self.basemap = Some(basemap);
        self
    }

    /// Adds a small JPEG, which is shown with the rows of this image.
    #[must_use]
    pub fn with_photo(mut self, image_id: &str, jpeg: &[u8]) -> Self {
        self.photos.add(image_id, jpeg);
        self
    }

    /// Rows of all layers.
    pub fn rows(&self) -> u64 {
        self.layers.iter().map(PageLayer::rows).sum()
    }

    /// Rows of all layers that have a place on the map.
    pub fn placed_rows(&self) -> u64 {
        self.layers.iter().map(PageLayer::placed).sum()
    }

    /// Names of the layers, in order.
    pub fn layer_names(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().map(PageLayer::name)
    }

    /// Writes the page. The same rows give the same bytes.
    ///
    /// # Errors
    /// [`MapError::Write`] when the writer fails.
    pub fn write(&self, out: &mut (impl Write + ?Sized)) -> Result<()> {
        let mut document = Document::begin(&self.title, self.basemap.as_ref(), out)?;
        // Layer by layer, so that no more than one is in memory as text.
        let mut json = Vec::from(*b"{");
        append_member("title", &self.title, &mut json);
        if let Some(basemap) = &self.basemap {
            append_key("basemap", &mut json);
            basemap.append_json(&mut json);
        }
        append_key("photos", &mut json);
        self.photos.append_json(&mut json);
        append_key("pictures", &mut json);
        append_pictures(&self.layers, &mut json)?;
        append_key("layers", &mut json);
        json.push(b'[');
        for (at, layer) in self.layers.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            layer.append_json(&mut json);
            document.write_data(&json)?;
            json.clear();
        }
        json.extend_from_slice(b"]}");
        document.write_data(&json)?;
        document.finish()
    }
}
