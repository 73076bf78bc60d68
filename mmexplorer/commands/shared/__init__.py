"""Code shared by several commands: finding a process or file, sorting, output and exit."""
