"""Frozen values and pure functions: what memory is, with the kernel's and the ELF specification's names."""
