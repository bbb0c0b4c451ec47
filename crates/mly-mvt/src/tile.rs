//! A tile: a sequence of layers.

use crate::error::{Error, ErrorKind};
use crate::layer::Layer;
use crate::limits::Limits;
use crate::wire::{self, Cursor};

pub(crate) const LAYER: u32 = wire::key(3, wire::BYTES);

/// The bytes of a tile. Nothing is read before the layers are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    bytes: &'a [u8],
    limits: Limits,
}

impl<'a> Tile<'a> {
    /// A tile under the default [`Limits`].
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_limits(bytes, Limits::default())
    }

    /// A tile under limits of your own.
    pub fn with_limits(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, limits }
    }

    /// The layers in their order. After an error there are no more.
    ///
    /// Two layers of one name, which the format forbids, are both given.
    pub fn layers(&self) -> Layers<'a> {
        Layers { rest: Cursor::new(self.bytes), seen: 0, limits: self.limits }
    }

    /// The first layer with this name. The tables of other layers are skipped.
    ///
    /// # Errors
    ///
    /// The tile breaks the format or a limit, up to and including the layer; what follows it is not looked at.
    pub fn layer(&self, name: &str) -> Result<Option<Layer<'a>>, Error> {
        let mut layers = self.layers();
        layers.find(Some(name))
    }
}

/// The layers of a tile; from [`Tile::layers`].
#[derive(Clone, Debug)]
pub struct Layers<'a> {
    rest: Cursor<'a>,
    seen: usize,
    limits: Limits,
}

impl<'a> Layers<'a> {
    /// The next layer, or the next one with this name.
    fn find(&mut self, name: Option<&str>) -> Result<Option<Layer<'a>>, Error> {
        let Limits { bytes, layers, .. } = self.limits;
        if self.rest.len() > bytes && self.rest.offset() == 0 {
            return Err(Error::new(ErrorKind::Limit { what: "bytes", limit: bytes }, bytes));
        }
        while !self.rest.is_empty() {
            let at = self.rest.offset();
            match self.rest.key()? {
                LAYER if self.seen == layers => {
                    return Err(Error::new(ErrorKind::Limit { what: "layers", limit: layers }, at));
                }
                LAYER => {
                    self.seen += 1;
                    if let Some(layer) = Layer::read(self.rest.message()?, self.limits, name)? {
                        return Ok(Some(layer));
                    }
                }
                unknown => self.rest.skip(unknown, at, &[3])?,
            }
        }
        Ok(None)
    }
}

impl<'a> Iterator for Layers<'a> {
    type Item = Result<Layer<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let layer = self.find(None);
        if layer.is_err() {
            self.rest = Cursor::new(&[]);
        }
        layer.transpose()
    }
}

impl std::iter::FusedIterator for Layers<'_> {}
