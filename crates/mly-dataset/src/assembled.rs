//! What an assembly has made.

/// What an assembly has made.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Assembled {
    /// Photos in the data set.
    pub images: u64,
    /// Labels of all photos.
    pub labels: u64,
    /// Photos to train, to validate and to test with.
    pub parts: [u64; 3],
    /// Every class, in the order of their numbers, with how many labels it has.
    pub classes: Vec<(String, u64)>,
    /// Ids of images or map features that are not in the data set because of a failure, and why; sorted.
    pub failed: Vec<(String, String)>,
    /// The ids of all images and map features that were asked for.
    pub asked: Vec<String>,
    /// What else is worth knowing, one sentence each: classes without labels, shares that could not be met.
    pub warnings: Vec<String>,
}
