"""Below the region: pages, their translation, bytes, faults."""
