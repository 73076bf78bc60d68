"""All file reads and system calls: the only package that touches the machine."""
