//! `mly detections`: what was recognised in images, or the detections of map features.

use mly::sink::Format;
use mly::source::Kind;
use mly::{Lookup, Outlines, Subject};

use super::lookup;
use super::session::Session;
use crate::args::DetectionsVerb;
use crate::console::Console;
use crate::exit::{Failure, Success};
use crate::ids;

pub(super) fn run(args: &DetectionsVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let outlines = outlines(args)?;
    let (subject, mut ids) = subject_and_ids(args, session.console)?;
    if args.output.format == Some(Format::Coco) {
        // In COCO a detection that is listed twice counts as two.
        ids = ids::without_repeats(ids);
    }
    if args.with_empty && subject != Subject::DetectionsOfImage {
        return Err(Failure::usage(
            "--with-empty is for detections of images, and these ids are of map features",
            "leave --with-empty out, or give images",
        ));
    }
    let lookup = Lookup::new(subject, ids).with_outlines(outlines).with_empty(args.with_empty);
    lookup::ask(&lookup, &args.output, &args.common.service, session)
}

fn outlines(args: &DetectionsVerb) -> Result<Outlines, Failure> {
    match (args.output.format, args.raw, args.pixels) {
        (Some(Format::Coco), true, _) => Err(Failure::usage(
            "coco cannot be combined with --raw",
            "coco has outlines in pixels; leave --raw out",
        )),
        (Some(Format::Coco), ..) | (_, _, true) => Ok(Outlines::Pixels),
        (_, true, _) => Ok(Outlines::Raw),
        _ => Ok(Outlines::Normalised),
    }
}

fn subject_and_ids(args: &DetectionsVerb, console: &mut Console) -> Result<(Subject, Vec<String>), Failure> {
    const HINT: &str = "give one of --image ID..., --feature ID... or --from FILE";
    match (args.image.as_slice(), args.feature.as_slice(), &args.from) {
        ([], [], None) => Err(Failure::usage("no ids given", HINT)),
        (images, [], None) => Ok((Subject::DetectionsOfImage, ids::given(images, Kind::Image, console)?)),
        ([], features, None) => {
            Ok((Subject::DetectionsOfMapFeature, ids::given(features, Kind::MapFeature, console)?))
        }
        ([], [], Some(path)) => {
            let found = ids::read(path, &[Kind::Image, Kind::MapFeature], console)?;
            // A plain list does not say what its ids are of. They are taken for ids of images, which are most common.
            let subject = match found.kind {
                Some(Kind::MapFeature) => Subject::DetectionsOfMapFeature,
                _ => Subject::DetectionsOfImage,
            };
            // A result of `detections` lists an image once for each of its detections.
            Ok((subject, ids::without_repeats(found.ids)))
        }
        _ => Err(Failure::usage("more than one kind of ids given", HINT)),
    }
}
