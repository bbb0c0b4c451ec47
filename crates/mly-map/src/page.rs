//! A page that is put together layer by layer.

use std::collections::HashSet;
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

/// Most rows in one page, as many as its script can number.
const MOST_ROWS: u64 = 2_000_000;

/// Most bytes of rows in one page: browsers keep a page as one text, and some stop at 512 MiB.
const MOST_BYTES: usize = 400_000_000;

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
            check_size(self.rows() + layer.rows(), before + layer.size())?;
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

    /// Ids of up to `most` images whose photos are worth showing: first those that rows name, as detections do, then those
    /// that rows are. Where there are more, they are taken evenly from the first to the last.
    pub fn photo_ids(&self, most: usize) -> Vec<String> {
        let mut known = HashSet::new();
        let mut chosen = Vec::new();
        for are_named in [true, false] {
            let ids = self.layers.iter().flat_map(|layer| layer.image_ids(are_named));
            let ids: Vec<_> = ids.filter(|id| known.insert(id.clone())).collect();
            chosen.extend(spread(ids, most - chosen.len()));
        }
        chosen
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

/// Fails when a page cannot hold so many rows and bytes of them.
fn check_size(rows: u64, bytes: usize) -> Result<()> {
    let megabytes = |bytes: usize| bytes / 1_000_000;
    let what = if rows > MOST_ROWS {
        format!("there are more rows than the {MOST_ROWS} that a page holds")
    } else if bytes > MOST_BYTES {
        format!(
            "the rows have {} MB, and browsers open pages of up to {} MB",
            megabytes(bytes),
            megabytes(MOST_BYTES)
        )
    } else {
        return Ok(());
    };
    Err(MapError::TooLarge { what })
}

/// So many of the ids, evenly from the first to the last.
fn spread(ids: Vec<String>, most: usize) -> Vec<String> {
    let (all, count) = (ids.len(), most.min(ids.len()));
    let is_chosen = |at: usize| (at + 1) * count / all > at * count / all;
    ids.into_iter().enumerate().filter(|(at, _)| is_chosen(*at)).map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_refuses_more_than_browsers_open() {
        assert!(check_size(MOST_ROWS, MOST_BYTES).is_ok());
        let said = |rows, bytes| check_size(rows, bytes).unwrap_err().to_string();
        assert_eq!(said(5_000_000, 0), "there are more rows than the 2000000 that a page holds");
        assert_eq!(said(1, 410_000_000), "the rows have 410 MB, and browsers open pages of up to 400 MB");
    }

    #[test]
    fn images_with_photos_are_spread_over_all_rows() {
        let ids = |count: u32| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(spread(ids(10), 5), ["1", "3", "5", "7", "9"]);
        assert_eq!(spread(ids(3697), 20).len(), 20);
        assert_eq!(spread(ids(10), 20).len(), 10);
        assert!(spread(ids(0), 5).is_empty() && spread(ids(5), 0).is_empty());
    }
}
