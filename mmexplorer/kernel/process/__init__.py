"""One process: found, listed, and its address space read."""
