"""An ELF file as values, and how the regions of a process are tied to it."""
