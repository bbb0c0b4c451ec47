//! What a folder of a data set records about it, so that no other one is written into it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::{Dataset, DatasetFormat};
use crate::split::stable_hash;
use crate::subjects::SubjectIds;

/// The settings that decide what the files of a data set are, by their names.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Mark(BTreeMap<String, String>);

impl Mark {
    pub(crate) fn of(subjects: &SubjectIds, dataset: &Dataset) -> Self {
        let classes = match dataset.classes.to_string() {
            text if text.is_empty() => "all".to_owned(),
            text => text,
        };
        let mut settings = vec![
            ("format", dataset.format.to_string()),
            ("size", dataset.size.to_string()),
            ("split", dataset.split.to_string()),
            ("by", dataset.grouping.to_string()),
            ("negatives", dataset.negatives.to_string()),
            ("classes", classes),
            ("made of", format!("{} {}", subjects.ids.len(), subjects.name())),
            ("ids", format!("{:016x}", stable_hash(&subjects.ids.join(",")))),
        ];
        settings.extend(dataset.views.map(|views| ("views of panoramas", views.to_string())));
        if dataset.format == DatasetFormat::WebDataset {
            settings.push(("photos a shard", dataset.photos_a_shard.to_string()));
        }
        Self(settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The first setting in which another data set differs from this one, in words.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let names = [
            "format",
            "size",
            "split",
            "by",
            "negatives",
            "classes",
            "made of",
            "photos a shard",
            "views of panoramas",
        ];
        let differs = |name: &&str| self.0.get(*name) != other.0.get(*name);
        match names.into_iter().find(differs) {
            Some("made of") => {
                Some(format!("it is made of {}", other.0.get("made of").map_or("others", String::as_str)))
            }
            Some("by") => other.0.get("by").map(|by| format!("it is divided by {by}")),
            Some("negatives") => Some("it differs in --negatives".to_owned()),
            Some(name) => Some(format!("its {name}: {}", other.0.get(name).map_or("none", String::as_str))),
            None if self == other => None,
            None => Some("it is made of other ids".to_owned()),
        }
    }
}
