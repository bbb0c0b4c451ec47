//! Signals that ask this process to stop.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
};

/// Listens from the moment it is created: for Ctrl-C and SIGTERM; on Windows for Ctrl-C, Ctrl-Break, the end of the
/// console's window, and the end of the system.
pub(super) struct Stop {
    #[cfg(unix)]
    signals: [Signal; 2],
    #[cfg(windows)]
    keys: (CtrlC, CtrlBreak),
    #[cfg(windows)]
    ends: (CtrlClose, CtrlShutdown),
}

impl Stop {
    /// Must be called inside a runtime.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
    }

    /// Must be called inside a runtime.
    #[cfg(windows)]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { keys: (ctrl_c()?, ctrl_break()?), ends: (ctrl_close()?, ctrl_shutdown()?) })
    }

    /// Waits until this process is asked to stop.
    #[cfg(unix)]
    pub(super) async fn asked(&mut self) {
        let [interrupt, terminate] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    /// Waits until this process is asked to stop.
    #[cfg(windows)]
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.keys.0.recv() => {}
            _ = self.keys.1.recv() => {}
            _ = self.ends.0.recv() => {}
            _ = self.ends.1.recv() => {}
        }
    }
}
