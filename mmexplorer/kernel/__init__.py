"""Every file read and every system call; the only package that touches the machine."""
