"""The command `mly`."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the command and gives its exit code."""
    import signal

    from mly._mly import run_command

    # Python's handler would only take note of Ctrl-C until the command ends. Without it, the
    # command's own handler stops the work.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run_command(["mly", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
