//! Options of what is kept between runs.

use clap::{Args, ValueEnum};

use super::CommonArgs;

#[derive(Args)]
pub(crate) struct CacheVerb {
    /// path (where it is), size (how much it holds) or clear (empty it) [default: size]
    #[arg(value_name = "WHAT", hide_possible_values = true)]
    pub(crate) action: Option<CacheAction>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What is done with the kept tiles.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheAction {
    Path,
    Size,
    Clear,
}

#[derive(Args)]
pub(crate) struct BudgetVerb {
    /// Forget that the host refused this address, for one that is new
    #[arg(long)]
    pub(crate) forget_block: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
