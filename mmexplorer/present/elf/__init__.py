"""An ELF file as text: the loader's table, program headers, sections."""
