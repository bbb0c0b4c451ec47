//! What a data set holds.

use std::collections::BTreeSet;

use crate::classes::ClassMap;
use crate::purpose::Purpose;
use crate::sample::Sample;

/// What a data set holds, if all photos can be had.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) classes: ClassMap,
    /// By id.
    pub(crate) samples: Vec<Sample>,
    /// Every value that was recognised.
    pub(crate) values: BTreeSet<String>,
    pub(crate) question: Option<String>,
    /// What it was made of, in words.
    pub(crate) made_of: String,
    /// How many ids failed.
    pub(crate) failed: usize,
}

/// A sample whose photo is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Photo<'a> {
    pub(crate) sample: &'a Sample,
    /// In pixels, as saved.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The photos of one part.
pub(crate) fn of_part<'a, 'b>(photos: &'b [Photo<'a>], part: Purpose) -> impl Iterator<Item = &'b Photo<'a>> {
    photos.iter().filter(move |photo| photo.sample.purpose == part)
}
