//! What the examples of the crate `mly` run against.

use std::sync::OnceLock;

use crate::{Emulator, World};

/// The demo world, served until the process ends; examples that do not say so ask it.
///
/// # Panics
/// When there is no free port.
pub fn demo() -> &'static Emulator {
    static DEMO: OnceLock<Emulator> = OnceLock::new();
    DEMO.get_or_init(|| Emulator::start(World::demo()).expect("a free port"))
}

/// Options of `mly` that ask the demo world, for the one hidden line of an example:
/// `# let options = mly_emulator::demo_options!();`
///
/// A macro, since this crate does not know `mly`.
#[doc(hidden)]
#[macro_export]
macro_rules! demo_options {
    () => {{
        let service = $crate::demo();
        ::mly::Options::default().token(::mly::Token::new(service.token())?).base_url(service.url())?
    }};
}
