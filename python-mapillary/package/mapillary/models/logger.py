"""Loggers of the standard library."""

from __future__ import annotations

import logging
import sys
from pathlib import Path


class Logger:
    """Makes loggers that write to standard error. Nothing is written to files."""

    format_string: str = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"
    level: int = logging.INFO

    @staticmethod
    def setup_logger(name: str, level: int = logging.INFO) -> logging.Logger:
        """A logger of this name with a handler for standard error, which it gets once."""
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.StreamHandler) for handler in logger.handlers):
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter(Logger.format_string))
            logger.addHandler(handler)
        try:
            logger.setLevel(level)
        except (TypeError, ValueError):
            logger.setLevel(Logger.level)
            logger.warning("%r is no level of logging; taking INFO", level)
        return logger

    @staticmethod
    def get_os_log_path(log_file: str) -> str:
        """Where a log of this name would be: in the current folder. Nothing is created."""
        return str(Path.cwd() / log_file)
