"""Makes a capture: a source that remembers what was read, the moments made of it, and how they are written."""
