//! What a data set costs.

use std::fmt;

/// What is left to ask for, before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatasetPrice {
    /// Requests for detections, one for each image or map feature.
    pub detections: u64,
    /// Whether the detections are those of map features, so that the number of images is not known yet.
    pub of_features: bool,
    /// Images that are looked up, 50 a request, as far as they are known.
    pub images: u64,
    /// Photos that are downloaded, at most, as far as they are known.
    pub photos: u64,
}

impl DatasetPrice {
    /// Whether nothing is left to ask for.
    pub fn is_nothing(&self) -> bool {
        self.detections == 0 && self.images == 0 && self.photos == 0
    }
}

impl fmt::Display for DatasetPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = |count: u64| format!("{count} request{}", if count == 1 { "" } else { "s" });
        let detections = requests(self.detections);
        if self.of_features {
            return write!(
                f,
                "{detections} for detections, then one for each 50 images that they are in, and one for each photo"
            );
        }
        write!(
            f,
            "{detections} for detections, at most {} for images and {} for photos",
            self.images.div_ceil(50),
            self.photos
        )
    }
}
