//! The images of a data set, with their labels.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use mly::Result;

use crate::answers::read;
use crate::classes::ClassMap;
use crate::detected::{Detected, Detections};
use crate::outline::{PhotoRings, pieces};
use crate::purpose::Purpose;
use crate::settings::Grouping;
use crate::share::Split;
use crate::split::divide;
use crate::views::{PanoView, PanoViews};

/// The fields that are looked up for each image.
pub(crate) const FIELDS: [&str; 4] = ["sequence", "captured_at", "is_pano", "creator"];

/// An object in a photo.
#[derive(Debug)]
pub(crate) struct Label {
    /// The id of the detection. The second part of one that is at both edges of a panorama has a number of its own.
    pub(crate) id: i64,
    pub(crate) class: usize,
    /// In shares of the width and height, within the photo.
    pub(crate) rings: PhotoRings,
}

/// What is known of an image.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImageFacts {
    pub(crate) sequence: Option<String>,
    pub(crate) captured_at_ms: Option<i64>,
    pub(crate) is_pano: bool,
    pub(crate) creator: Option<String>,
}

/// An image of a data set.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) id: i64,
    /// The number that no other photo has: the id, or another one for a view of a panorama.
    pub(crate) number: i64,
    /// The view of the panorama that it is, if it is one.
    pub(crate) view: Option<PanoView>,
    pub(crate) facts: ImageFacts,
    pub(crate) purpose: Purpose,
    pub(crate) labels: Vec<Label>,
}

/// Reads the images that were looked up.
///
/// # Errors
/// [`mly::Error::Input`] when a file cannot be read.
pub(crate) fn facts_of<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<HashMap<i64, ImageFacts>> {
    let mut all = HashMap::new();
    for file in files {
        for batch in read(file)? {
            take(&batch?, &mut all);
        }
    }
    Ok(all)
}

fn take(batch: &RecordBatch, all: &mut HashMap<i64, ImageFacts>) {
    let column = |name: &str| batch.column_by_name(name);
    let Some(ids) = column("id").and_then(|ids| ids.as_primitive_opt::<Int64Type>()) else { return };
    let texts = |name: &str| column(name).and_then(|texts| texts.as_string_opt::<i32>());
    let (sequences, creators) = (texts("sequence"), texts("creator_username"));
    let times = column("captured_at").and_then(|c| c.as_primitive_opt::<TimestampMillisecondType>());
    let panos = column("is_pano").and_then(|c| c.as_boolean_opt());
    for row in (0..batch.num_rows()).filter(|row| ids.is_valid(*row)) {
        let text = |texts: Option<&arrow_array::StringArray>| {
            let texts = texts.filter(|texts| texts.is_valid(row));
            texts.map(|texts| texts.value(row).to_owned()).filter(|text| !text.is_empty())
        };
        let facts = ImageFacts {
            sequence: text(sequences),
            captured_at_ms: times.filter(|times| times.is_valid(row)).map(|times| times.value(row)),
            is_pano: panos.is_some_and(|panos| panos.is_valid(row) && panos.value(row)),
            creator: text(creators),
        };
        all.insert(ids.value(row), facts);
    }
}

/// The images that are in the data set, if their facts can be had: those with a label, or all of them.
pub(crate) fn chosen(detections: &Detections, classes: &ClassMap, negatives: bool) -> Vec<i64> {
    let is_label = |detected: &Detected| class_of(detections, classes, detected).is_some();
    let images = detections.images.iter().filter(|(_, detected)| negatives || detected.iter().any(is_label));
    images.map(|(id, _)| *id).collect()
}

fn class_of(detections: &Detections, classes: &ClassMap, detected: &Detected) -> Option<usize> {
    classes.of(detections.values.get(detected.value)?)
}

/// How the images of a data set are chosen and divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleChoice {
    pub(crate) negatives: bool,
    pub(crate) grouping: Grouping,
    pub(crate) split: Split,
    pub(crate) views: Option<PanoViews>,
}

impl SampleChoice {
    /// The photos of a data set by id, with their labels and what they are used for.
    pub(crate) fn samples(
        self,
        mut detections: Detections,
        classes: &ClassMap,
        facts: &HashMap<i64, ImageFacts>,
    ) -> Vec<Sample> {
        let ids = chosen(&detections, classes, self.negatives);
        let mut free = FreeNumbers::after(&detections, &ids);
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(facts) = facts.get(&id) else { continue };
            let detected = detections.images.remove(&id).unwrap_or_default();
            let of_class = |detected: Detected| Some((class_of(&detections, classes, &detected)?, detected));
            let detected: Vec<_> = detected.into_iter().filter_map(of_class).collect();
            let views: Vec<Option<PanoView>> = match self.views.filter(|_| facts.is_pano) {
                Some(views) => views.views().map(Some).collect(),
                None => vec![None],
            };
            for view in views {
                let labels = labels_of(&detected, view, facts.is_pano, &mut free);
                if labels.is_empty() && !self.negatives {
                    continue;
                }
                let number = if view.is_some() { free.image() } else { id };
                all.push(Sample { id, number, view, facts: facts.clone(), purpose: Purpose::Train, labels });
            }
        }
        set_purposes(&mut all, self.grouping, self.split);
        all
    }
}

/// Numbers that are no ids: for labels of detections that show more than once, and for views of panoramas.
struct FreeNumbers {
    label: i64,
    image: i64,
    used: HashSet<i64>,
}

impl FreeNumbers {
    fn after(detections: &Detections, ids: &[i64]) -> Self {
        let labels = detections.images.values().flatten().map(|detected| detected.id);
        let label = labels.max().unwrap_or(0).saturating_add(1);
        let image = ids.iter().max().copied().unwrap_or(0).saturating_add(1);
        Self { label, image, used: HashSet::new() }
    }

    fn image(&mut self) -> i64 {
        self.image += 1;
        self.image - 1
    }

    /// The number of a label: that of its detection the first time, and a free one later.
    fn label(&mut self, detection: i64) -> i64 {
        if self.used.insert(detection) {
            return detection;
        }
        self.label += 1;
        self.label - 1
    }
}

/// The labels in a photo or in a view of it.
fn labels_of(
    detected: &[(usize, Detected)],
    view: Option<PanoView>,
    is_pano: bool,
    free: &mut FreeNumbers,
) -> Vec<Label> {
    let mut labels = Vec::new();
    for (class, detected) in detected {
        let shown = match view {
            None => pieces(&detected.rings, is_pano),
            // An outline that goes beyond the edge of the panorama is in the direction in which it goes on.
            Some(view) => view.outline(&detected.rings).into_iter().collect(),
        };
        let label = |rings| Label { id: free.label(detected.id), class: *class, rings };
        labels.extend(shown.into_iter().map(label));
    }
    labels
}

impl Sample {
    /// The name of its files, without an extension.
    pub(crate) fn stem(&self) -> String {
        match self.view {
            Some(view) => format!("{}-{}", self.id, view.number),
            None => self.id.to_string(),
        }
    }

    /// The name of its photo in its folder or archive.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.jpg", self.stem())
    }
}

fn set_purposes(samples: &mut [Sample], grouping: Grouping, split: Split) {
    let group = |sample: &Sample| match (grouping, &sample.facts.sequence) {
        (Grouping::Sequence, Some(sequence)) => sequence.clone(),
        _ => sample.id.to_string(),
    };
    let groups: Vec<String> = samples.iter().map(group).collect();
    let mut sizes = BTreeMap::new();
    for group in &groups {
        *sizes.entry(group.as_str()).or_insert(0) += 1;
    }
    let purposes = divide(&sizes, split);
    for (sample, group) in samples.iter_mut().zip(&groups) {
        if let Some(purpose) = purposes.get(group.as_str()) {
            sample.purpose = *purpose;
        }
    }
}
