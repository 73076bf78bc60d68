"""ELF files: finding those behind regions, opening, reading and caching them."""
