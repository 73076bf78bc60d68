"""Pressure-stall information: how much time was lost waiting for memory (Documentation/accounting/psi.rst)."""

from mmexplorer.model.value import frozen


@frozen
class Stall:
    """One line of `/proc/pressure/memory`."""

    avg10: float
    """Per cent of the last 10 seconds."""
    avg60: float
    avg300: float
    total: int
    """Microseconds since boot."""


@frozen
class Pressure:
    """Both lines of the file."""

    some: Stall
    """At least one task waited for memory."""
    full: Stall | None
    """All non-idle tasks waited, so that no work was done. None if the kernel has no such line."""


def stalled_percent(before: Stall, after: Stall, seconds: float) -> float | None:
    """Return the per cent of the time between two readings that was lost; None if they can't be compared."""
    lost = after.total - before.total
    return 100 * lost / (seconds * 1_000_000) if seconds > 0 and lost >= 0 else None
