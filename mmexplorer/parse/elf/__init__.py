"""The tables inside ELF files, core files among them."""
