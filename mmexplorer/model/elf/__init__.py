"""An ELF file as values, and the match between its segments and a process's regions."""
