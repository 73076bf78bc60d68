"""Below the region: pages, address translation, bytes, faults."""
