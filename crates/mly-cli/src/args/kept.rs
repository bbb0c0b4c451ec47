//! Options of the tile cache and of request counts.

use clap::{Args, ValueEnum};

use super::CommonArgs;

#[derive(Args)]
pub(crate) struct CacheVerb {
    /// path (print its file), size (print how much it holds) or clear (empty it) [default: size]
    #[arg(value_name = "WHAT", hide_possible_values = true)]
    pub(crate) action: Option<CacheAction>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// What to do with the tile cache.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CacheAction {
    Path,
    Size,
    Clear,
}

#[derive(Args)]
pub(crate) struct BudgetVerb {
    /// Forget a recorded block, for when your IP address has changed
    #[arg(long)]
    pub(crate) forget_block: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}
