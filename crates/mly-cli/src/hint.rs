//! Words the library's hints for users of the command, with options in place of arguments.

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
        Hint::GiveCenter => "to search around a point, use --near LON,LAT --radius M".to_owned(),
        Hint::SelectFields(names) => format!("add it with --fields {}", names.join(",")),
        Hint::ImagesOfMapFeatures => {
            "`mly detections --from FILE` lists the images that show them".to_owned()
        }
        Hint::ImagesOfSequences => "`mly sequence ID...` lists the images of sequences".to_owned(),
        Hint::RunAgain => "run the same command again".to_owned(),
        other => other.to_string(),
    }
}
