"""Settings of the session."""

from __future__ import annotations


class Config:
    """How strict builders of addresses are.

    Args:
        use_strict: Whether wrong dates are errors; otherwise they are left out with a warning.
    """

    use_strict: bool = True

    def __init__(self, use_strict: bool = True) -> None:
        self.use_strict = use_strict
