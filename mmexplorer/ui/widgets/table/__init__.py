"""The table used by every pane: keyed rows, painted line by line."""
