//! What a data set costs.

use std::fmt;

/// What is left to ask for, before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatasetPrice {
    /// Requests for detections, one for each image or map feature.
    pub detections: u64,
    /// Whether the detections are those of map features, so that the number of images is not known yet.
    pub of_features: bool,
    /// Images whose photos may be downloaded, as far as they are known. They are looked up 50 a request.
    pub images: u64,
}

impl fmt::Display for DatasetPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        if self.of_features {
            return write!(
                f,
                "{} request{} for detections, then one for each 50 images that they are in, and one for each photo",
                self.detections,
                plural(self.detections)
            );
        }
        write!(
            f,
            "{} request{} for detections, at most {} for images and {} for photos",
            self.detections,
            plural(self.detections),
            self.images.div_ceil(50),
            self.images
        )
    }
}
