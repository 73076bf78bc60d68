"""Pages: what is behind an address, the machine's page frames, the page cache."""
