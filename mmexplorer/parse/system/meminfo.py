"""/proc/meminfo: `proc_meminfo(5)`."""

import re

_LINE = re.compile(rb"^([^\s:]+):[^\S\n]*([0-9]{1,20})( kB)?[^\S\n]*$", re.MULTILINE)
_KILOBYTE = 1024


def parse_meminfo(data: bytes) -> dict[str, int]:
    """Return bytes by name for lines in kB and plain numbers for others (`HugePages_*`), in the kernel's order.

    A blank after the colon is optional: a long name and number may leave no room for one. Lines of any other form are
    left out, so that their values are missing rather than wrong.
    """
    return {
        name.decode("utf-8", "surrogateescape"): int(number) * (_KILOBYTE if unit else 1)
        for name, number, unit in _LINE.findall(data)
    }
