//! `WebDataset`: tar archives such as `train-00000.tar`, with `ID.jpg` and `ID.json` for each image.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use mly::{Result, jpeg_pixels};
use serde_json::{Value, json};
use tar::{Archive, Builder, EntryType, Header};

use super::coco::outline;
use crate::classes::ClassMap;
use crate::content::{Content, Photo};
use crate::folder::{DatasetFolder, create_folder, failed, names_in, remove, write_small, write_whole};
use crate::photos::{folder_of, place_of};
use crate::purpose::Purpose;
use crate::record::{ShardRecord, archive_of};
use crate::sample::Sample;
use crate::settings::{Dataset, DatasetFormat};
use crate::split::stable_hash;

const FORMAT: DatasetFormat = DatasetFormat::WebDataset;

/// An archive as it should be.
struct PlannedShard<'a> {
    name: String,
    samples: Vec<&'a Sample>,
    /// Differs when the labels or images do.
    print: String,
}

/// The archives of all parts.
///
/// Images come in an order that looks random, since trainers read archives from their beginning. The first of each
/// archive has a label if any has: readers such as `datasets` take the types of fields from the first ones.
fn plan<'a>(dataset: &Dataset, samples: &'a [Sample], classes: &ClassMap) -> Vec<PlannedShard<'a>> {
    let mut shards = Vec::new();
    for part in Purpose::ALL {
        let mut of_part: Vec<&Sample> = samples.iter().filter(|sample| sample.purpose == part).collect();
        of_part.sort_by_cached_key(|sample| (stable_hash(&sample.stem()), sample.number));
        for (number, chunk) in of_part.chunks_mut(dataset.photos_a_shard).enumerate() {
            if let Some(labelled) = chunk.iter().position(|sample| !sample.labels.is_empty()) {
                chunk.swap(0, labelled);
            }
            let samples = chunk.to_vec();
            let print = print_of(&samples, classes);
            shards.push(PlannedShard { name: format!("{part}-{number:05}"), samples, print });
        }
    }
    shards
}

fn print_of(samples: &[&Sample], classes: &ClassMap) -> String {
    let text = format!("{:?} {samples:?}", classes.names);
    format!("{:016x}", stable_hash(&text))
}

/// The names of photos, without extension, that are in archives already. Archives that are not as they should be are taken apart.
///
/// # Errors
/// [`mly::Error::Output`] when an archive cannot be read or a photo cannot be written.
pub(crate) fn prepare(
    folder: &DatasetFolder,
    dataset: &Dataset,
    samples: &[Sample],
    classes: &ClassMap,
) -> Result<HashSet<String>> {
    let shards = plan(dataset, samples, classes);
    let planned: HashMap<&str, &PlannedShard<'_>> =
        shards.iter().map(|shard| (shard.name.as_str(), shard)).collect();
    let wanted: HashMap<String, Purpose> =
        samples.iter().map(|sample| (sample.file_name(), sample.purpose)).collect();
    let mut held = HashSet::new();
    for file in names_in(folder.path())? {
        let Some(name) = file.strip_suffix(".tar").filter(|name| is_ours(name)) else { continue };
        match (ShardRecord::read(folder, name), planned.get(name)) {
            (Some(record), Some(planned)) if record.print == planned.print => {
                held.extend(record.held.into_iter().map(|(stem, _)| stem));
            }
            _ => take_apart(folder, name, &wanted)?,
        }
    }
    Ok(held)
}

fn is_ours(name: &str) -> bool {
    name.split_once('-').is_some_and(|(part, number)| {
        Purpose::ALL.iter().any(|purpose| purpose.name() == part)
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Puts the photos of an archive to those that wait for one, and removes it.
fn take_apart(folder: &DatasetFolder, name: &str, wanted: &HashMap<String, Purpose>) -> Result<()> {
    let path = archive_of(folder, name);
    let cannot = |e: io::Error| failed(&path, e);
    let mut archive = Archive::new(BufReader::new(File::open(&path).map_err(cannot)?));
    for entry in archive.entries().map_err(cannot)? {
        // What is behind a damaged place is downloaded again.
        let Ok(mut entry) = entry else { break };
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(purpose) = wanted.get(&name) else { continue };
        let to = folder_of(folder, FORMAT).join(purpose.name()).join(&name);
        to.parent().map_or(Ok(()), create_folder)?;
        let mut photo = Vec::new();
        if entry.read_to_end(&mut photo).is_ok() {
            write_small(&to, &photo)?;
        }
    }
    drop(archive);
    ShardRecord::remove(folder, name)?;
    remove(&path)
}

/// Writes the archives that are not complete, and removes the photos that are in them.
///
/// # Errors
/// [`mly::Error::Output`] when an archive cannot be written.
pub(super) fn write<'a>(
    folder: &DatasetFolder,
    dataset: &Dataset,
    content: &'a Content,
) -> Result<Vec<Photo<'a>>> {
    let mut photos = Vec::new();
    for shard in plan(dataset, &content.samples, &content.classes) {
        let sizes = write_shard(folder, &shard, content)?;
        let photo = |sample: &&'a Sample| {
            let [width, height] = *sizes.get(&sample.stem())?;
            Some(Photo { sample, width, height })
        };
        photos.extend(shard.samples.iter().filter_map(photo));
    }
    photos.sort_by_key(|photo| photo.sample.number);
    Ok(photos)
}

/// Writes an archive unless it is complete, and gives the sizes of the photos in it.
fn write_shard(
    folder: &DatasetFolder,
    shard: &PlannedShard<'_>,
    content: &Content,
) -> Result<HashMap<String, [u32; 2]>> {
    let path = archive_of(folder, &shard.name);
    let before = ShardRecord::read(folder, &shard.name).filter(|record| record.print == shard.print);
    let held: HashSet<&String> =
        before.iter().flat_map(|record| &record.held).map(|(stem, _)| stem).collect();
    let waiting = |sample: &Sample| place_of(folder, FORMAT, sample);
    let has_new =
        shard.samples.iter().any(|sample| !held.contains(&sample.stem()) && waiting(sample).exists());
    if let Some(record) = before.as_ref().filter(|_| !has_new) {
        return Ok(record.held.iter().cloned().collect());
    }
    let mut earlier = match before {
        Some(_) => Some(ShardReader::open(&path).map_err(|e| failed(&path, e))?),
        None => None,
    };
    let mut sizes = Vec::new();
    let mut used = Vec::new();
    let has_any = !held.is_empty() || has_new;
    if has_any {
        write_whole(&path, |out| {
            let mut archive = Builder::new(out);
            // Closed at the end of this block: Windows replaces no file that is open.
            let mut earlier = earlier.take();
            for sample in &shard.samples {
                let place = waiting(sample);
                let photo = match (fs::read(&place), &mut earlier) {
                    (Ok(photo), _) => photo,
                    (Err(e), Some(earlier)) if e.kind() == io::ErrorKind::NotFound => {
                        match earlier.photo(&sample.file_name())? {
                            Some(photo) => photo,
                            None => continue,
                        }
                    }
                    (Err(e), None) if e.kind() == io::ErrorKind::NotFound => continue,
                    (Err(e), _) => return Err(e),
                };
                let Some(size) = jpeg_pixels(&photo[..])? else { continue };
                sizes.push((sample.stem(), size));
                used.push(place);
                append(&mut archive, &sample.file_name(), &photo)?;
                let text = serde_json::to_vec(&about(sample, size, content))?;
                append(&mut archive, &format!("{}.json", sample.stem()), &text)?;
            }
            archive.into_inner().map(drop)
        })?;
        let bytes = path.metadata().map_err(|e| failed(&path, e))?.len();
        let record = ShardRecord { bytes, print: shard.print.clone(), held: sizes.clone() };
        record.write(folder, &shard.name)?;
        used.iter().try_for_each(|place| remove(place))?;
    }
    Ok(sizes.into_iter().collect())
}

fn append(archive: &mut Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    archive.append(&header, bytes)
}

/// What is known of an image. Every field is always there and of one type, as readers of many such documents need it.
fn about(sample: &Sample, [width, height]: [u32; 2], content: &Content) -> Value {
    let photo = Photo { sample, width, height };
    let annotations = sample.labels.iter().filter_map(|label| {
        let outline = outline(&photo, label)?;
        let polygons: Vec<Vec<f64>> =
            outline.polygons.iter().map(|ring| ring.iter().flatten().copied().collect()).collect();
        Some(json!({
            "id": label.id,
            "category_id": label.class,
            "category": content.classes.names.get(label.class),
            "bbox": outline.bbox,
            "segmentation": polygons,
            "area": outline.area,
        }))
    });
    json!({
        "id": sample.id.to_string(),
        "view": sample.view.map_or(-1, |view| i64::from(view.number)),
        "width": width,
        "height": height,
        "sequence_id": sample.facts.sequence.as_deref().unwrap_or_default(),
        "date_captured": super::datasheet::moment(sample.facts.captured_at_ms),
        "creator": sample.facts.creator.as_deref().unwrap_or_default(),
        "license": "CC BY-SA 4.0",
        "url": super::datasheet::viewer_url(sample.id),
        "annotations": annotations.collect::<Vec<_>>(),
    })
}

/// Reads photos of a complete archive by their names.
struct ShardReader {
    file: File,
    /// Where they begin and how long they are, by name.
    places: HashMap<String, (u64, u64)>,
}

impl ShardReader {
    fn open(path: &Path) -> io::Result<Self> {
        let mut places = HashMap::new();
        let mut archive = Archive::new(BufReader::new(File::open(path)?));
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            places.insert(name, (entry.raw_file_position(), entry.size()));
        }
        Ok(Self { file: File::open(path)?, places })
    }

    fn photo(&mut self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some((at, length)) = self.places.get(name) else { return Ok(None) };
        self.file.seek(SeekFrom::Start(*at))?;
        let mut photo = Vec::new();
        Read::by_ref(&mut self.file).take(*length).read_to_end(&mut photo)?;
        Ok(Some(photo))
    }
}
