"""Memory below the level of regions, as text: pages, address translation, bytes, traces of faults."""
