//! `mly assets`: an inventory of signs and objects.

mod crops;
mod look_up;

use std::fs;
use std::path::Path;
use std::time::Instant;

use mly::sink::Destination;
use mly_jobs::assets::{AssetPicture, Assets, AssetsFound};

use super::blocking::until_stopped;
use super::job::{self, RowWriter};
use super::session::Session;
use crate::args::AssetsVerb;
use crate::exit::{Failure, Success};
use crate::failed::list_of;
use crate::output::Output;
use crate::progress::counted;
use crate::settings::Service;
use look_up::LookedUp;

pub(super) fn run(args: &AssetsVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let output = Output::open(&args.output, session.console)?;
    let path = output.path().map(Path::to_owned);
    if let Some(path) = &path {
        // Nothing is looked up for a file that cannot be written.
        drop(Destination::file(path, args.output.overwrite)?);
    }
    let mut assets = Assets::of(args.signs.as_path()).with_within_m(args.within_m);
    if let Some(as_of_ms) = args.as_of {
        assets = assets.with_as_of_ms(as_of_ms);
    }
    if let Some(roads) = &args.roads {
        assets = assets.with_roads(roads.as_path());
    }
    if !args.detections {
        let write = move |writer: &mut RowWriter| assets.give(&mut |rows| writer.write(&rows));
        job::write(output, session, write, tell)?;
        return Ok(Success::Complete);
    }
    let begin = Instant::now();
    if let Some(folder) = &args.crops {
        // Nothing is looked up for pictures that cannot be written.
        fs::create_dir_all(folder)
            .map_err(|e| Failure::output(&format!("cannot create {}", folder.display()), &e))?;
    }
    let service = Service::new(&args.common.service, session.environment)?;
    let client = session.client(service.options()?)?;
    let looked_up = look_up::look_up(&assets, &args.signs, path.as_deref(), &client, session)?;
    let assets = assets
        .with_features(looked_up.features.as_path())
        .with_detections(looked_up.detections.as_path())
        .with_images(looked_up.images.as_path());
    let (table, found) = until_stopped(move |_| Ok(assets.run()?))?;
    // The table comes last: while it is not there, the same command goes on with the photos that are missing.
    let saved = match &args.crops {
        Some(folder) => crops::save(&AssetPicture::of(&table), folder, &looked_up.folder, &client, session)?,
        None => Success::Complete,
    };
    job::run_since(begin, output, session, move || Ok((table, found)), tell)?;
    let success = tell_missing(&looked_up, path.as_deref(), session)?;
    looked_up.forget();
    Ok(if saved == Success::Incomplete { saved } else { success })
}

/// Says what was found, before the closing line.
fn tell(found: &AssetsFound, session: &mut Session<'_>) {
    if found.skipped > 0 {
        session.warn(&format!(
            "skipped {} without a usable id, value or position",
            counted(found.skipped, "rows")
        ));
    }
    if found.gone > 0 {
        let features = counted(found.gone, "map features");
        session.note(&format!("left out {features} that the service shows no more (last_crawled_at)"));
    }
    if found.repeated > 0 {
        session.warn(&format!(
            "{} with an id that another row has too; of each id the row that was seen last counts",
            counted(found.repeated, "rows")
        ));
    }
    if found.undated > 0 {
        session.warn(&format!(
            "{} without a date, which are never joined with others",
            counted(found.undated, "map features")
        ));
    }
    let joined = match found.joined {
        0 => String::new(),
        count => format!(", {count} of them made of several"),
    };
    session.note(&format!(
        "{} are {}{joined}, at {}",
        counted(found.features, "map features"),
        counted(found.assets, "signs or objects"),
        counted(found.posts, "places"),
    ));
}

/// Lists the signs that the service has no more. Their rows have what the tiles tell.
fn tell_missing(
    looked_up: &LookedUp,
    output: Option<&Path>,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let listed = list_of(output, &looked_up.not_found)?;
    if looked_up.not_found.is_empty() {
        return Ok(Success::Complete);
    }
    session.warn(&format!("{}{listed}", super::lookup::not_found(&looked_up.not_found)));
    Ok(Success::Incomplete)
}
