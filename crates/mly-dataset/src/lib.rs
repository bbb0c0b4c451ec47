//! Data sets for training detectors: photos of Mapillary, and what was recognised in them as labels.
//!
//! An [`Assembly`] makes one in a folder. It looks up detections, then the images that they are in, downloads the
//! photos, divides the images into those to train, to validate and to test with, and writes labels in a
//! [`DatasetFormat`]. Everything that was answered or downloaded is kept in the folder, so that the same call resumes an
//! interrupted one. The same images and settings give the same files, byte for byte, in whatever order the images are
//! given.
//!
//! ```no_run
//! use mly_dataset::{Assembly, Dataset, DatasetFormat, SubjectIds};
//!
//! # async fn make(client: mly::Client) -> mly::Result<()> {
//! let images = SubjectIds::images(["7038203092802113", "690681606212996"]);
//! let dataset = Dataset::into("signs").with_format(DatasetFormat::Yolo);
//! let mut assembly = Assembly::open(client, images, dataset)?;
//! while let Some(stage) = assembly.next_stage()? {
//!     stage.finish().await?;
//! }
//! let assembled = assembly.finish()?;
//! println!("{} photos", assembled.images);
//! # Ok(())
//! # }
//! ```

mod answers;
mod assembled;
mod assembly;
mod classes;
mod content;
mod crops;
mod detected;
mod folder;
mod mark;
mod outline;
mod photos;
mod price;
mod purpose;
mod record;
mod sample;
mod settings;
mod share;
mod split;
mod stage;
mod subjects;
mod views;
mod warnings;
mod write;

pub use assembled::Assembled;
pub use assembly::Assembly;
pub use classes::Classes;
pub use price::DatasetPrice;
pub use purpose::Purpose;
pub use settings::{Dataset, DatasetFormat, Grouping};
pub use share::Split;
pub use stage::Stage;
pub use subjects::SubjectIds;
pub use views::PanoViews;
