"""Frozen values and pure functions that describe memory, named as in the kernel and the ELF specification."""
