"""The tables inside ELF files, including core files."""
