"""The ready-made progress bar: tqdm's where it is installed, else a line on standard error."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any

_REFRESH_S = 0.2
_WIDTH = 30


class Bar:
    """Shows a mly.Progress each time it is called with one."""

    def __init__(self) -> None:
        self._tqdm: Any = None
        self._shown_at = 0.0
        self._shown_width = 0
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return
        self._tqdm = tqdm

    def __call__(self, progress: Any) -> None:
        if self._tqdm is None:
            self._draw(progress)
            return
        if isinstance(self._tqdm, type):
            # What an earlier run has done must not count for the rate.
            total, before = progress.total, progress.answered_before
            self._tqdm = self._tqdm(total=total, initial=before, unit=" " + progress.unit)
        bar = self._tqdm
        bar.set_postfix_str(f"{progress.rows:,} rows", refresh=False)
        bar.initial = progress.answered_before
        bar.update(progress.answered - bar.n)
        if progress.answered >= progress.total:
            bar.refresh()

    def _draw(self, progress: Any) -> None:
        is_done = progress.answered >= progress.total
        now = time.monotonic()
        if now - self._shown_at < _REFRESH_S and not is_done:
            return
        self._shown_at = now
        done = _WIDTH * progress.answered // max(progress.total, 1)
        bar = "#" * min(done, _WIDTH) + "." * max(_WIDTH - done, 0)
        counts = f"{progress.answered:,}/{progress.total:,} {progress.unit}  {progress.rows:,} rows"
        # A longer line would go on in the next one, and \r would not come back from there.
        width = shutil.get_terminal_size().columns - 1
        line = f"[{bar}] {counts}"[:width].ljust(min(self._shown_width, width))
        self._shown_width = len(line)
        sys.stderr.write("\r" + line + ("\n" if is_done else ""))
        sys.stderr.flush()
