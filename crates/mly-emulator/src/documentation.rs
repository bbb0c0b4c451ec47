//! What the examples in the documentation of the crate `mly` run against. Macros, because this crate does not know `mly`.

use std::sync::OnceLock;

use crate::emulator::Emulator;
use crate::world::World;

/// The demo world, served until the process ends, and only with its own token.
///
/// # Panics
/// When no port is free.
pub fn demo() -> &'static Emulator {
    static DEMO: OnceLock<Emulator> = OnceLock::new();
    DEMO.get_or_init(|| {
        Emulator::builder(World::demo()).with_known_tokens_only(true).start().expect("no port is free")
    })
}

/// `mly::Options` for the demo world.
#[doc(hidden)]
#[macro_export]
macro_rules! demo_options {
    () => {{
        let service = $crate::demo();
        let token = ::mly::Token::new(service.token()).expect("a token");
        ::mly::Options::default().with_token(token).with_base_url(service.url()).expect("a URL")
    }};
}

/// Runs an async function on the demo world, as the one hidden line of an example: a function of a `&mly::Client`,
/// `example!(function)`, of a client and paths in an empty folder, `example!(function, "a.csv")`, or of `mly::Options`,
/// `example!(function, options)`.
#[doc(hidden)]
#[macro_export]
macro_rules! example {
    ($function:ident, options) => {
        ::tokio::runtime::Runtime::new()
            .expect("a runtime")
            .block_on($function($crate::demo_options!()))
            .expect("the example runs")
    };
    ($function:ident $(, $file:literal)*) => {{
        let folder = ::tempfile::tempdir().expect("a folder");
        let client = ::mly::Client::new($crate::demo_options!()).expect("a client");
        ::tokio::runtime::Runtime::new()
            .expect("a runtime")
            .block_on($function(&client $(, &folder.path().join($file))*))
            .expect("the example runs");
        drop(folder);
    }};
}
