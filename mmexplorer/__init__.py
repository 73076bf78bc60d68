"""mmexplorer: see virtual memory on Linux. This module imports nothing, so that the version is cheap to read."""

__version__ = "0.1.0"
