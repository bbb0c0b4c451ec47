//! The options of the filters, one for each row of the library's table of filters.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use mly::query::{Filter, FilterKind, Moment, names_in};
use mly::{FilterValue, Filters, ValuePattern};

use super::value;

/// The filters that were given.
pub(crate) struct FilterFlags(pub(crate) Filters);

impl Args for FilterFlags {
    fn augment_args(command: Command) -> Command {
        command.args(Filter::ALL.iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FilterFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self(Filters::default());
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for filter in Filter::ALL {
            let entries = matches.get_many::<FilterValue>(filter.name).into_iter().flatten().cloned();
            let value = entries.reduce(|mut list, entry| {
                list.extend(entry);
                list
            });
            if let Some(value) = value {
                let filters = std::mem::take(&mut self.0).with(filter.name, value);
                self.0 = filters.map_err(|e| clap::Error::raw(clap::error::ErrorKind::ValueValidation, e))?;
            }
        }
        Ok(())
    }
}

fn flag(filter: &'static Filter) -> Arg {
    let kind = filter.kind;
    let flag = Arg::new(filter.name)
        .long(filter.name)
        .value_name(filter.placeholder)
        .help(filter.help)
        .help_heading("Filters")
        .allow_hyphen_values(takes_hyphens(kind))
        .value_parser(move |text: &str| entry(kind, text));
    match kind {
        // A name in quotes may have a comma, so the value parser splits the list.
        FilterKind::Names => flag.action(ArgAction::Append),
        kind if is_list(kind) => flag.action(ArgAction::Append).value_delimiter(','),
        _ => flag,
    }
}

/// Whether values of this kind are lists that are split at every comma.
fn is_list(kind: FilterKind) -> bool {
    matches!(kind, FilterKind::TextIds | FilterKind::NumericIds | FilterKind::Patterns)
}

/// Whether values of this kind may begin with a hyphen: ids of sequences, and numbers below 0. Dates may not, but people
/// try `-1y`, and the message about a date that is none is better than that about an unknown option `-1`.
fn takes_hyphens(kind: FilterKind) -> bool {
    use FilterKind::{LeastShare, Metres, Position, Sector, Since, TextIds, Until};
    matches!(kind, Sector | TextIds | Position | Since | Until | LeastShare | Metres)
}

/// Parses a value, or one entry of a list.
fn entry(kind: FilterKind, text: &str) -> mly::Result<FilterValue> {
    Ok(match kind {
        FilterKind::Since => FilterValue::Since(Moment::earliest(text)?),
        FilterKind::Until => FilterValue::Until(Moment::latest(text)?),
        FilterKind::ImageType => FilterValue::ImageType(text.parse()?),
        FilterKind::Sector => FilterValue::Sector(value::sector(text)?),
        FilterKind::TextIds => FilterValue::TextIds(vec![value::word(text)?]),
        FilterKind::NumericIds => FilterValue::NumericIds(vec![value::id(text)?]),
        FilterKind::Names => FilterValue::Names(names_in(text)?),
        FilterKind::Position => FilterValue::Position(value::position(text)?),
        FilterKind::Patterns => FilterValue::Patterns(vec![ValuePattern::new(text)?]),
        FilterKind::LeastShare => FilterValue::LeastShare(value::share(text)?),
        FilterKind::YesNo => FilterValue::YesNo(value::yes_or_no(text)?),
        FilterKind::Metres => FilterValue::Metres(value::metres(text)?),
        FilterKind::Positions => FilterValue::Positions(text.trim().parse()?),
        other => return Err(value::misfit(format!("`{text}` cannot be {other}"), "update the command")),
    })
}
