"""/proc/PID/statm: `proc_pid_statm(5)`."""

from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.error import ParseError

_FIELDS = 2
_DIGITS = 20


class Statm(NamedTuple):
    """The two fields of statm for which it is the best source; in bytes."""

    size: int
    resident: int


def parse_statm(data: bytes, page_size: int) -> Statm | ParseError:
    """Read statm, which counts in pages of `page_size` bytes."""
    fields = data.split()[:_FIELDS]
    if len(fields) < _FIELDS or not all(field.isdigit() and len(field) <= _DIGITS for field in fields):
        return ParseError(data, "statm does not start with two page counts")
    return Statm(int(fields[0]) * page_size, int(fields[1]) * page_size)
