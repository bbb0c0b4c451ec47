//! The browser of the desktop.

use std::path::Path;

use crate::exit::Failure;

const HINT: &str = "write the page with -o page.html, and open it where there is a browser";

/// Fails where no window can appear, before work is done for one.
pub(crate) fn check() -> Result<(), Failure> {
    if has_display() {
        return Ok(());
    }
    Err(Failure::usage("--open: there is no display that a browser could open on", HINT))
}

/// Opens a page.
pub(crate) fn open(page: &Path) -> Result<(), Failure> {
    open::that_detached(page).map_err(|e| {
        let what = format!("no browser could be opened: {e}");
        Failure::usage(what, format!("the page is {}; open it in a browser", page.display()))
    })
}

/// Elsewhere than on Unix with X11 or Wayland, a display is always there. A browser that is named needs none, since it may be
/// one for terminals.
fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"].into_iter().any(is_set)
}
