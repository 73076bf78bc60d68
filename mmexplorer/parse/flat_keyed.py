"""`NAME NUMBER` lines: /proc/vmstat, and memory.events, memory.oom_control, memory.stat of a cgroup.

"Flat keyed" is what Documentation/admin-guide/cgroup-v2.rst calls the form.
"""

import re

_LINE = re.compile(rb"^(\S+) ([0-9]{1,20})$", re.MULTILINE)


def parse_flat_keyed(data: bytes) -> dict[str, int]:
    """Return numbers by name, in the kernel's order and units; a line of any other shape is left out."""
    return {name.decode("utf-8", "surrogateescape"): int(number) for name, number in _LINE.findall(data)}
