"""Processes that aren't live: the moments of a capture, core files, and what happened between moments."""
