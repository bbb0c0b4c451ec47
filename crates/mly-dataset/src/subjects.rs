//! What a data set is made of.

use std::collections::HashSet;

/// Ids of the images that a data set is made of, or of the map features that its images show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectIds {
    pub(crate) ids: Vec<String>,
    pub(crate) are_features: bool,
    pub(crate) question: Option<String>,
}

impl SubjectIds {
    /// These images, and everything that was recognised in them.
    pub fn images<S: ToString>(ids: impl IntoIterator<Item = S>) -> Self {
        Self::new(ids, false)
    }

    /// The images that show these map features, and these features in them. Other objects in the images have no label.
    pub fn map_features<S: ToString>(ids: impl IntoIterator<Item = S>) -> Self {
        Self::new(ids, true)
    }

    fn new<S: ToString>(ids: impl IntoIterator<Item = S>, are_features: bool) -> Self {
        let mut known = HashSet::new();
        let ids = ids.into_iter().map(|id| id.to_string());
        let mut ids: Vec<String> = ids.filter(|id| known.insert(id.clone())).collect();
        // In any order they are the same data set, and the same unfinished work.
        ids.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        Self { ids, are_features, question: None }
    }

    /// The question that the ids answer, for the datasheet: the `description` in the metadata of a result.
    #[must_use]
    pub fn with_question(mut self, question: Option<String>) -> Self {
        self.question = question.filter(|question| !question.trim().is_empty());
        self
    }

    /// The ids, each once, in ascending order.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Name of what the ids are of, a plural.
    pub fn name(&self) -> &'static str {
        if self.are_features { "map features" } else { "images" }
    }
}
