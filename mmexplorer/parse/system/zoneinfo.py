"""/proc/zoneinfo (mm/vmstat.c, `zoneinfo_show_print`): the watermarks and reserves of each zone."""

import re

from mmexplorer.model.system.available import Zone
from mmexplorer.parse.error import ParseError

_HEADER = re.compile(rb"^Node +([0-9]{1,9}), zone +(\S+)[^\n]*\n", re.MULTILINE)
_FIELD = re.compile(rb"^ +(boost|low|high|managed|present) +([0-9]{1,20})$", re.MULTILINE)
_PROTECTION = re.compile(rb"^ +protection: \(([0-9, ]{1,400})\)$", re.MULTILINE)
_NEEDED = (b"low", b"high")
_PER_CPU = b"\n  pagesets"


def parse_zoneinfo(data: bytes) -> tuple[Zone, ...] | ParseError:
    """Return all zones, including empty ones. Before `managed` (Linux 3.8), `present` is used, as in that kernel."""
    headers = list(_HEADER.finditer(data))
    if not headers:
        return ParseError(data[:80], "zoneinfo has no zone")
    ends = [header.start() for header in headers[1:]] + [len(data)]
    zones = []
    for header, end in zip(headers, ends, strict=True):
        zone = _zone(header, data[header.end() : end])
        if zone is None:
            return ParseError(header.group(), "the zone has no watermarks")
        zones.append(zone)
    return tuple(zones)


def _zone(header: re.Match[bytes], body: bytes) -> Zone | None:
    # After the zone's own fields, each CPU's list has a `high` too.
    body = body.partition(_PER_CPU)[0]
    fields = {name: int(number) for name, number in _FIELD.findall(body)}
    managed = fields.get(b"managed", fields.get(b"present"))
    if managed is None or any(name not in fields for name in _NEEDED):
        return None
    protection = _PROTECTION.search(body)
    numbers = protection.group(1).split(b",") if protection else []
    return Zone(
        node=int(header.group(1)),
        name=header.group(2).decode("utf-8", "surrogateescape"),
        managed=managed,
        low=fields[b"low"],
        high=fields[b"high"],
        boost=fields.get(b"boost", 0),
        protection=tuple(int(number) for number in numbers if number.strip().isdigit()),
    )
