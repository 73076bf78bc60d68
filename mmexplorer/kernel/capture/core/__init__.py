"""A core file: its headers and notes, the files behind its regions, and the source that is made of them."""
