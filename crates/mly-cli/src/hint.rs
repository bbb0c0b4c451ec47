//! Words the library's hints for users of the command, with options in place of arguments.

use std::path::Path;

use mly::Hint;

/// A hint that names the options of the command.
pub(crate) fn words(hint: &Hint) -> String {
    match hint {
        Hint::Overwrite => "choose another name, or add --overwrite".to_owned(),
        Hint::StartOver { because: None } => "start over with --overwrite".to_owned(),
        Hint::StartOver { because: Some(why) } => format!("{why}; start over with --overwrite"),
        Hint::OtherWork => {
            "run the command that started it, choose another name, or discard it with --overwrite".to_owned()
        }
        Hint::NameFormat { extensions } => {
            format!("name the format with -f, or use one of {}", extensions.join(" "))
        }
        Hint::NameFile => "name a file with -o, or choose another format".to_owned(),
        Hint::Widen => "add --buffer M to take everything within M metres of them".to_owned(),
        Hint::Reproject => reproject("OUT", "IN"),
        Hint::SelectFields(names) => format!("add it with --fields {}", names.join(",")),
        Hint::ImagesOfMapFeatures => {
            "`mly detections --from FILE` lists the images that show them".to_owned()
        }
        Hint::ImagesOfSequences => "`mly sequence ID...` lists the images of sequences".to_owned(),
        Hint::Around { position } => format!("ask for a circle: --near {position} --radius 500"),
        Hint::RunAgain => "run the same command again".to_owned(),
        Hint::MoreFiles => {
            "the system limits how many files and connections are open (ulimit -n); raise it, or lower \
                            --concurrency"
                .to_owned()
        }
        Hint::MoveAway => {
            "move the file of that name away or add --overwrite, and run the same command again".to_owned()
        }
        Hint::LeaveAlone => {
            "keep other programs away from unfinished files, and run the same command again".to_owned()
        }
        Hint::OneProcess => {
            "let the other process finish, or stop it and run the same command again".to_owned()
        }
        other => other.to_string(),
    }
}

/// The command that brings a file into longitude and latitude.
pub(crate) fn reproject(to: &str, from: &str) -> String {
    format!("reproject it: ogr2ogr -t_srs EPSG:4326 {to} {from}")
}

/// The same for a file that is known, or for a layer of it (`FILE#LAYER`).
pub(crate) fn reproject_file(name: &str) -> String {
    let (path, layer) = mly::source::file_and_layer(Path::new(name));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| extension.to_string_lossy());
    let is_zip = extension.as_ref().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    let to = match extension {
        // GDAL reads archives, and writes none.
        Some(_) if is_zip => format!("{stem}-4326.gpkg"),
        Some(extension) => format!("{stem}-4326.{extension}"),
        None => format!("{stem}-4326"),
    };
    let file = path.display();
    let from = if is_zip { format!("/vsizip/{file}") } else { file.to_string() };
    let from = std::iter::once(from).chain(layer).map(|part| quoted(&part)).collect::<Vec<_>>().join(" ");
    reproject(&quoted(&path.with_file_name(to).display().to_string()), &from)
}

/// A name as shells take it. That of Windows knows no single quotes, and names there have no double ones.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '\\' | ':');
    if name.chars().all(is_plain) {
        name.to_owned()
    } else if cfg!(windows) {
        format!("\"{name}\"")
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}
