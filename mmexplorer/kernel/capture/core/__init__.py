"""A core file: its headers and notes, the files behind its regions, and a source made from them."""
