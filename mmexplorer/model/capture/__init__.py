"""What is not alive: the moments of a capture, core files, and what became of a process between moments."""
