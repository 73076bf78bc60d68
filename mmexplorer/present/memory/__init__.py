"""Below the region, as text: pages and their sums, the translation of an address, bytes, traces of faults."""
