//! `mly plan`: what a query would cost. Sends nothing, and needs no token.

use std::io::Write;

use mly::Layer;

use crate::args::PlanVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::query;

pub(super) fn run(args: &PlanVerb, console: &mut Console) -> Result<(), Failure> {
    let layer: Layer = args.layer.parse()?;
    let plan = query::build(layer, &args.area, &args.filters, console)?.plan()?;
    if let Some(path) = &args.output {
        if path.exists() && !args.overwrite {
            return Err(Failure::usage(
                format!("{} exists already", path.display()),
                "choose another name, or add --overwrite",
            ));
        }
        std::fs::write(path, plan.to_json()? + "\n").map_err(|e| {
            Failure::usage(format!("cannot write {}: {e}", path.display()), "check that the directory exists")
        })?;
    }
    writeln!(console.out, "{plan}").map_err(Failure::output)
}
