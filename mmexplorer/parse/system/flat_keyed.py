"""`NAME NUMBER` lines: a cgroup's memory.events, memory.oom_control, memory.stat.

Documentation/admin-guide/cgroup-v2.rst calls this format "flat keyed".
"""

import re

_LINE = re.compile(rb"^(\S+) ([0-9]{1,20})$", re.MULTILINE)


def parse_flat_keyed(data: bytes) -> dict[str, int]:
    """Return the numbers by name, in the kernel's order and units; lines of any other form are left out."""
    return {name.decode("utf-8", "surrogateescape"): int(number) for name, number in _LINE.findall(data)}
