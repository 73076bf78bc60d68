"""Memory without a kernel: what some labs simulate, where the real one could not show it."""
