"""/proc/PID/pagemap, reduced to which pages are in memory: its highest bit (pagemap.rst in the kernel source)."""

ENTRY_SIZE = 8
"""Bytes a page."""
_PRESENT = 1 << 63


def count_present(entries: bytes) -> int:
    """Count the pages in memory up to the first that isn't; a truncated last entry is left out."""
    numbers = memoryview(entries)[: len(entries) - len(entries) % ENTRY_SIZE].cast("Q")
    return next((index for index, number in enumerate(numbers) if not number & _PRESENT), len(numbers))
