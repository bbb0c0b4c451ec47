"""What is installed, and what is refused."""

import importlib.metadata
import tomllib
