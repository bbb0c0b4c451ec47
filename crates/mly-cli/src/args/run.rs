//! Options of stored plans.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use mly::Error;

use super::{CommonArgs, OutputArgs};

/// Most parts of a plan. All parts are built before one of them is picked, so a huge number would waste memory.
const MOST_PARTS: u32 = 1000;

#[derive(Args)]
pub(crate) struct RunVerb {
    /// Plan stored by `mly plan -o`, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) plan: PathBuf,
    /// Only part I of N parts, such as 1/3
    #[arg(long, value_name = "I/N", help_heading = "Output")]
    pub(crate) partition: Option<Partition>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// One of several parts of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Which one, from 1 to `of`.
    pub(crate) number: u32,
    /// How many there are.
    pub(crate) of: u32,
}

impl FromStr for Partition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let misfit = |hint: String| Error::InvalidQuery {
            what: format!("`{text}` is not a part of a plan"),
            hint: Some(hint.into()),
        };
        let numbers = text.trim().split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let Some((number, of)) = numbers else {
            return Err(misfit("give number and count, such as --partition 1/3".to_owned()));
        };
        match of {
            1..=MOST_PARTS if (1..=of).contains(&number) => Ok(Self { number, of }),
            1..=MOST_PARTS => Err(misfit(format!("parts of {of} are numbered from 1 to {of}"))),
            _ => Err(misfit(format!("a plan can have 1 to {MOST_PARTS} parts"))),
        }
    }
}
