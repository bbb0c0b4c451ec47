//! The making of a data set, stage by stage.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use futures_util::future::FutureExt;
use mly::{Client, Download, Lookup, Progress, Result, Subject};

use crate::answers::{Answers, keep};
use crate::assembled::Assembled;
use crate::classes::ClassMap;
use crate::content::Content;
use crate::crops;
use crate::detected::Detections;
use crate::folder::DatasetFolder;
use crate::mark::Mark;
use crate::photos::{PANOS, folder_of, pano_jobs, place_of, present, put_in_place};
use crate::price::DatasetPrice;
use crate::sample::{FIELDS, Sample, SampleChoice, chosen, facts_of};
use crate::settings::{Dataset, DatasetFormat};
use crate::stage::Stage;
use crate::subjects::SubjectIds;
use crate::warnings::{notes_of, warnings_of};
use crate::write::{shards, write};

/// A data set that is being made: call [`Assembly::next_stage`] until there is none, then [`Assembly::finish`].
#[derive(Debug)]
pub struct Assembly {
    client: Client,
    subjects: SubjectIds,
    dataset: Dataset,
    folder: DatasetFolder,
    at: AssemblyStep,
    /// What the stages have done.
    done: Vec<Progress>,
    asked_images: Vec<i64>,
    content: Option<Content>,
    photos_left: PhotosLeft,
    notes: Vec<String>,
}

/// The stage that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AssemblyStep {
    Detections,
    Images,
    Choice,
    Photos,
    Panos,
    Labels,
}

/// What is left to download.
#[derive(Debug, Default)]
struct PhotosLeft {
    /// Images whose photos stay as they are, with the folders that they are put into.
    whole: Vec<(i64, &'static str)>,
    /// Panoramas that become views.
    panos: Vec<i64>,
}

impl Assembly {
    /// Checks everything that can be checked, and locks the folder. Nothing is sent.
    ///
    /// # Errors
    /// [`mly::Error::InvalidQuery`] when an id cannot be one, or the folder holds something else or another data set.
    pub fn open(client: Client, subjects: SubjectIds, dataset: Dataset) -> Result<Self> {
        Lookup::new(subject_of(&subjects), &subjects.ids).check()?;
        let folder = DatasetFolder::open(&dataset.dir, &Mark::of(&subjects, &dataset))?;
        Ok(Self {
            client,
            subjects,
            dataset,
            folder,
            at: AssemblyStep::Detections,
            done: Vec::new(),
            asked_images: Vec::new(),
            content: None,
            photos_left: PhotosLeft::default(),
            notes: Vec::new(),
        })
    }

    /// What is left to ask for, before the first stage.
    ///
    /// # Errors
    /// [`mly::Error::Output`] when the folder cannot be read.
    pub fn price(&self) -> Result<DatasetPrice> {
        let detections = self.detections().left(&self.subjects.ids)?.len() as u64;
        let of_features = self.subjects.are_features && detections > 0;
        if of_features {
            return Ok(DatasetPrice { detections, of_features, images: 0, photos: 0 });
        }
        let ids = if detections > 0 {
            self.subjects.ids.clone()
        } else {
            let (detected, classes) = self.detected()?;
            chosen(&detected, &classes, self.dataset.negatives).iter().map(ToString::to_string).collect()
        };
        let images = self.images().left(&ids)?.len() as u64;
        let present = present(&self.folder, self.dataset.format)?;
        let has_view = |id: &str| self.dataset.views.is_some() && present.contains(&format!("{id}-0"));
        let photos = ids.iter().filter(|id| !present.contains(id.as_str()) && !has_view(id)).count() as u64;
        Ok(DatasetPrice { detections, of_features, images, photos })
    }

    /// The next stage that has something to ask for; `None` when all was asked.
    ///
    /// # Errors
    /// [`mly::Error::Input`] and [`mly::Error::Output`] when what was kept cannot be read.
    pub fn next_stage(&mut self) -> Result<Option<Stage>> {
        loop {
            let stage = match self.at {
                AssemblyStep::Detections => self.ask_for_detections()?,
                AssemblyStep::Images => self.ask_for_images()?,
                AssemblyStep::Choice => self.choose_photos()?,
                AssemblyStep::Photos => self.ask_for_photos()?,
                AssemblyStep::Panos => self.ask_for_panos()?,
                AssemblyStep::Labels => return Ok(None),
            };
            self.at = match self.at {
                AssemblyStep::Detections => AssemblyStep::Images,
                AssemblyStep::Images => AssemblyStep::Choice,
                AssemblyStep::Choice => AssemblyStep::Photos,
                AssemblyStep::Photos => AssemblyStep::Panos,
                AssemblyStep::Panos | AssemblyStep::Labels => AssemblyStep::Labels,
            };
            if let Some(stage) = stage {
                self.done.push(stage.progress());
                return Ok(Some(stage));
            }
        }
    }

    /// Writes labels, and what describes the data set.
    ///
    /// # Errors
    /// [`mly::Error::Output`] when a file cannot be written.
    pub fn finish(mut self) -> Result<Assembled> {
        while self.at != AssemblyStep::Labels {
            // Stages that were not asked for are skipped, as if nothing had been answered.
            let _ = self.next_stage()?;
        }
        let Some(mut content) = self.content.take() else { return Ok(Assembled::default()) };
        let jobs = pano_jobs(&self.folder, self.dataset.format, &content.samples)?;
        let failed = self.failed(crops::make(&jobs)?);
        content.failed = failed.len();
        let mut assembled = write(&self.folder, &self.dataset, &content)?;
        let images = self.asked_images.iter().map(ToString::to_string);
        assembled.asked = self.subjects.ids.iter().cloned().chain(images).collect();
        assembled.failed = failed;
        assembled.warnings = self.notes;
        assembled.warnings.extend(warnings_of(&content, &assembled, &self.dataset));
        Ok(assembled)
    }

    fn detections(&self) -> Answers {
        Answers::of(&self.folder, "detections")
    }

    fn images(&self) -> Answers {
        Answers::of(&self.folder, "images")
    }

    fn ask_for_detections(&self) -> Result<Option<Stage>> {
        let ids = self.detections().left(&self.subjects.ids)?;
        let lookup = Lookup::new(subject_of(&self.subjects), ids).with_empty(!self.subjects.are_features);
        self.ask(&self.detections(), &lookup)
    }

    fn ask_for_images(&mut self) -> Result<Option<Stage>> {
        let (detections, classes) = self.detected()?;
        self.asked_images = chosen(&detections, &classes, self.dataset.negatives);
        let ids: Vec<String> = self.asked_images.iter().map(ToString::to_string).collect();
        let lookup = Lookup::new(Subject::Image, self.images().left(&ids)?).with_fields(FIELDS);
        self.ask(&self.images(), &lookup)
    }

    fn ask(&self, answers: &Answers, lookup: &Lookup) -> Result<Option<Stage>> {
        if lookup.ids().is_empty() {
            return Ok(None);
        }
        let (batches, file, list) = answers.ask(&self.client, lookup)?;
        let progress = batches.progress();
        Ok(Some(Stage { progress, counted: "requests", work: keep(batches, file, list) }))
    }

    /// Chooses and divides the photos, of which everything is known now.
    fn choose_photos(&mut self) -> Result<Option<Stage>> {
        let (detections, classes) = self.detected()?;
        let files = self.images().files();
        let facts = facts_of(files.iter().map(PathBuf::as_path))?;
        self.notes.extend(notes_of(&detections));
        let values = detections.values();
        let Dataset { negatives, grouping, split, views, .. } = self.dataset;
        let choice = SampleChoice { negatives, grouping, split, views };
        let samples = choice.samples(detections, &classes, &facts);
        let left = self.photos_of(&samples, &classes)?;
        let question = self.subjects.question.clone();
        let made_of = format!("{} {}", self.subjects.ids.len(), self.subjects.name());
        self.content = Some(Content { classes, samples, values, question, made_of, failed: 0 });
        self.photos_left = left;
        Ok(None)
    }

    /// The photos that may have to be downloaded as they are, with their folders, and the panoramas whose views are to be
    /// made.
    fn photos_of(&self, samples: &[Sample], classes: &ClassMap) -> Result<PhotosLeft> {
        let format = self.dataset.format;
        let held = match format {
            DatasetFormat::WebDataset => shards::prepare(&self.folder, &self.dataset, samples, classes)?,
            _ => HashSet::new(),
        };
        put_in_place(&self.folder, format, samples)?;
        let mut left = PhotosLeft::default();
        for sample in samples.iter().filter(|sample| !held.contains(&sample.stem())) {
            if sample.view.is_none() {
                left.whole.push((sample.id, sample.purpose.name()));
            } else if !place_of(&self.folder, format, sample).exists()
                && left.panos.last() != Some(&sample.id)
            {
                left.panos.push(sample.id);
            }
        }
        Ok(left)
    }

    fn ask_for_photos(&mut self) -> Result<Option<Stage>> {
        let whole = std::mem::take(&mut self.photos_left.whole);
        let folders = whole.iter().map(|(id, part)| (*id, (*part).to_owned())).collect();
        let to = folder_of(&self.folder, self.dataset.format);
        self.download(to, whole.iter().map(|(id, _)| *id).collect(), folders)
    }

    fn ask_for_panos(&mut self) -> Result<Option<Stage>> {
        let panos = std::mem::take(&mut self.photos_left.panos);
        let folders = panos.iter().map(|id| (*id, PANOS.to_owned())).collect();
        self.download(self.folder.kept(PANOS), panos, folders)
    }

    fn download(&self, to: PathBuf, ids: Vec<i64>, folders: HashMap<i64, String>) -> Result<Option<Stage>> {
        if ids.is_empty() {
            return Ok(None);
        }
        let download = Download::into(to)
            .with_size(self.dataset.size)
            .with_concurrency(self.dataset.concurrency)
            .with_folders(folders);
        let downloads = self.client.download(ids, &download)?;
        let progress = downloads.progress();
        let work = async move { downloads.finish().await.map(drop) };
        Ok(Some(Stage { progress, counted: "photos", work: work.boxed() }))
    }

    /// The detections that are known, and the classes among them.
    fn detected(&self) -> Result<(Detections, ClassMap)> {
        let files = self.detections().files();
        let detections = Detections::of_files(files.iter().map(PathBuf::as_path))?;
        let classes = self.dataset.classes.map(&detections.values());
        Ok((detections, classes))
    }

    /// The ids that failed in any stage, or whose photos cannot be read, each with its first reason.
    fn failed(&self, unread: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut failed: BTreeMap<String, String> = unread.into_iter().collect();
        for progress in &self.done {
            let summary = progress.summary();
            for id in summary.not_found {
                failed.entry(id).or_insert_with(|| "not found".to_owned());
            }
            for (id, why) in summary.failed {
                failed.entry(id).or_insert(why);
            }
        }
        failed.into_iter().collect()
    }
}

fn subject_of(subjects: &SubjectIds) -> Subject {
    if subjects.are_features { Subject::DetectionsOfMapFeature } else { Subject::DetectionsOfImage }
}
