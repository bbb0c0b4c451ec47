//! `datasheet.md`: what a data set holds, where it comes from, and what its licence asks for.

use std::collections::BTreeMap;
use std::fmt::Write;

use mly::Result;

use crate::assembled::Assembled;
use crate::content::{Content, Photo, of_part};
use crate::folder::{DatasetFolder, write_small};
use crate::purpose::Purpose;
use crate::settings::{Dataset, DatasetFormat};

/// The photo in the web app of Mapillary.
pub(super) fn viewer_url(id: i64) -> String {
    format!("https://www.mapillary.com/app/?pKey={id}&focus=photo")
}

/// A moment as `2021-03-04T05:06:07Z`, or nothing.
pub(super) fn moment(ms: Option<i64>) -> String {
    let moment = ms.and_then(chrono::DateTime::from_timestamp_millis);
    moment.map(|moment| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

/// Writes the datasheet.
///
/// # Errors
/// [`mly::Error::Output`] when it cannot be written.
pub(super) fn write(
    folder: &DatasetFolder,
    dataset: &Dataset,
    content: &Content,
    photos: &[Photo<'_>],
    made: &Assembled,
) -> Result<()> {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = sheet(&mut text, dataset, content, photos, made);
    write_small(&folder.path().join("datasheet.md"), text.as_bytes())
}

fn sheet(
    text: &mut String,
    dataset: &Dataset,
    content: &Content,
    photos: &[Photo<'_>],
    made: &Assembled,
) -> std::fmt::Result {
    writeln!(text, "# Data set of street-level photos\n")?;
    writeln!(
        text,
        "{} photos of Mapillary with {} labels of {} classes.\n",
        made.images,
        made.labels,
        made.classes.len()
    )?;
    writeln!(text, "## How it was made\n")?;
    if let Some(question) = &content.question {
        writeln!(text, "- Question: {question}")?;
    }
    writeln!(text, "- Made of {}, by mly {}", content.made_of, env!("CARGO_PKG_VERSION"))?;
    let size = match dataset.size {
        mly::PhotoSize::Original => "as they were uploaded".to_owned(),
        width => format!("at most {width} pixels wide"),
    };
    writeln!(text, "- Photos: {size}")?;
    writeln!(text, "- Format: {}", dataset.format)?;
    if let Some((first, last)) = dates(photos) {
        writeln!(text, "- Captured from {first} to {last}")?;
    }
    let panos =
        photos.iter().filter(|photo| photo.sample.facts.is_pano && photo.sample.view.is_none()).count();
    writeln!(text, "- Panoramas among the photos: {panos}")?;
    if let Some(views) = dataset.views {
        let count = photos.iter().filter(|photo| photo.sample.view.is_some()).count();
        writeln!(text, "- Views of panoramas ({views} degrees) among the photos: {count}")?;
    }
    writeln!(text, "- Images or map features that failed: {}", content.failed)?;
    writeln!(text, "\n## Labels\n")?;
    writeln!(
        text,
        "Labels are detections of Mapillary, made by its models and not checked by people. What the models have missed has \
         no label.\n"
    )?;
    table(text, content, photos)?;
    writeln!(text, "\n## Split\n")?;
    writeln!(text, "{} percent wanted, divided by {}.\n", dataset.split, dataset.grouping)?;
    parts(text, photos)?;
    writeln!(text, "\n## Files\n")?;
    writeln!(text, "{}", files(dataset.format, photos))?;
    writeln!(text, "\n## Licence\n")?;
    writeln!(
        text,
        "Photos and detections are under [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/). Name \
         [Mapillary](https://www.mapillary.com) and the people who took the photos, and share what you change under the \
         same licence. A photo with the id 1 is at <{}>.\n",
        viewer_url(1)
    )?;
    creators(text, photos)
}

fn files(format: DatasetFormat, photos: &[Photo<'_>]) -> String {
    match format {
        DatasetFormat::Coco => {
            let parts = Purpose::ALL.into_iter().filter(|part| of_part(photos, *part).next().is_some());
            let names: Vec<_> = parts.map(|part| format!("`{part}.json`")).collect();
            return format!(
                "The labels are in {}, in the format of COCO; names of photos in them are relative to this folder. \
                 `images` has the photos, with `metadata.jsonl` for Hugging Face `datasets`. Categories are numbered \
                 from 1, in the order of `classes.txt`.",
                names.join(", ")
            );
        }
        DatasetFormat::Yolo => {
            "`data.yaml` is what a trainer is given. `images` has the photos and `labels` a text for each: the number of \
             the class, then centre, width and height of the box as shares of the photo. Classes are numbered from 0, in \
             the order of `classes.txt`."
        }
        DatasetFormat::WebDataset => {
            "Archives such as `train-00000.tar` have `ID.jpg` and `ID.json` for each photo. Boxes are left, top, width and \
             height in pixels. Classes are numbered from 0, in the order of `classes.txt`."
        }
    }
    .to_owned()
}

fn dates(photos: &[Photo<'_>]) -> Option<(String, String)> {
    let times = || photos.iter().filter_map(|photo| photo.sample.facts.captured_at_ms);
    let day = |ms: i64| moment(Some(ms)).chars().take_while(|c| *c != 'T').collect();
    Some((day(times().min()?), day(times().max()?)))
}

fn table(text: &mut String, content: &Content, photos: &[Photo<'_>]) -> std::fmt::Result {
    writeln!(text, "| number | class | train | val | test |\n|---|---|---|---|---|")?;
    let mut counts = vec![[0_u64; 3]; content.classes.names.len()];
    for photo in photos {
        for label in &photo.sample.labels {
            if let Some(count) = counts.get_mut(label.class) {
                count[photo.sample.purpose.index()] += 1;
            }
        }
    }
    for (number, (name, [train, validate, test])) in content.classes.names.iter().zip(counts).enumerate() {
        writeln!(text, "| {number} | {} | {train} | {validate} | {test} |", name.replace('|', "\\|"))?;
    }
    Ok(())
}

fn parts(text: &mut String, photos: &[Photo<'_>]) -> std::fmt::Result {
    writeln!(text, "| part | photos | without a label | sequences | labels |\n|---|---|---|---|---|")?;
    for part in Purpose::ALL {
        let of = || of_part(photos, part);
        let empty = of().filter(|photo| photo.sample.labels.is_empty()).count();
        let labels: usize = of().map(|photo| photo.sample.labels.len()).sum();
        let mut sequences: Vec<_> = of().filter_map(|photo| photo.sample.facts.sequence.as_deref()).collect();
        sequences.sort_unstable();
        sequences.dedup();
        writeln!(text, "| {part} | {} | {empty} | {} | {labels} |", of().count(), sequences.len())?;
    }
    Ok(())
}

/// Whom to name: the people who took the photos.
fn creators(text: &mut String, photos: &[Photo<'_>]) -> std::fmt::Result {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for photo in photos {
        *counts.entry(photo.sample.facts.creator.as_deref().unwrap_or_default()).or_default() += 1;
    }
    writeln!(text, "| photos by | photos |\n|---|---|")?;
    for (name, count) in counts {
        let name = if name.is_empty() { "(not known)" } else { name };
        writeln!(text, "| {} | {count} |", name.replace('|', "\\|"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_of_the_calendar() {
        for (ms, text) in [
            (Some(0), "1970-01-01T00:00:00Z"),
            (Some(1_556_365_097_042), "2019-04-27T11:38:17Z"),
            (Some(951_782_400_000), "2000-02-29T00:00:00Z"),
            (Some(-1), "1969-12-31T23:59:59Z"),
            (None, ""),
        ] {
            assert_eq!(moment(ms), text);
        }
    }
}
