"""/proc/meminfo: `proc_meminfo(5)`."""

import re

_LINE = re.compile(rb"([^\s:]+):\s*([0-9]{1,20})( kB)?\s*")
_KILOBYTE = 1024


def parse_meminfo(data: bytes) -> dict[str, int]:
    """Return bytes by name for lines in kB and plain numbers for others (`HugePages_*`), in the kernel's order.

    A blank after the colon is optional: a long name and number may leave no room for one. Lines of any other form are
    left out, so that their values are missing rather than wrong.
    """
    figures = {}
    for text in data.split(b"\n"):
        if found := _LINE.fullmatch(text):
            name, number, unit = found.groups()
            figures[name.decode("utf-8", "surrogateescape")] = int(number) * (_KILOBYTE if unit else 1)
    return figures
