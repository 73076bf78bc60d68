"""Pages: what is behind an address, the frames of the machine, the page cache."""
