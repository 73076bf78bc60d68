"""ELF files: found behind regions, opened, read, kept."""
