"""A limit on a difference, for example as a gate in CI: rss>+5%, size>+10M, private_dirty>100M."""

import re

from mmexplorer.model.amount import format_size, parse_size
from mmexplorer.model.capture.comparison import FIELDS
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.capture.compared import Comparison, what
from mmexplorer.present.text.format import address_range, signed_size

_LIMIT = re.compile(r"([a-z_]+) *> *(\+?) *([0-9][0-9.]{0,9}[0-9a-zA-Z]*|[0-9]+)(%?)", re.ASCII)


class Limit(NamedTuple):
    """What must not be exceeded."""

    field: str
    """One of `model.comparison.FIELDS`."""
    growth: bool
    """Whether it limits the change rather than the amount in B."""
    percent: float | None
    """Of the amount in A."""
    most: int
    """Bytes."""


def parse_limit(typed: str) -> Limit | None:
    """Parse a limit; return None for anything else."""
    found = _LIMIT.fullmatch(typed.strip())
    if found is None or found[1] not in FIELDS:
        return None
    growth = bool(found[2])
    if found[4]:
        try:
            return Limit(found[1], growth=True, percent=float(found[3]), most=0) if growth else None
        except ValueError:
            return None
    count = parse_size(found[3])
    return None if count is None else Limit(found[1], growth, None, count)


def exceeded(limit: Limit, found: Comparison) -> str:
    """Describe by how much a limit is exceeded, and which region contributed most; "" if it isn't exceeded."""
    before, after = getattr(found.a, limit.field), getattr(found.b, limit.field)
    if before is None or after is None:
        return f"{limit.field} is not known on both sides"
    grown = after - before
    if limit.percent is not None:
        over = grown * 100 > limit.percent * before
    else:
        over = (grown if limit.growth else after) > limit.most
    if not over:
        return ""
    share = f", {100 * grown / before:+.1f} %" if before else ""
    told = f"{limit.field} is {format_size(after)} and was {format_size(before)} ({signed_size(grown)}{share})"
    most = max(found.rows, key=lambda row: getattr(row.change, limit.field) or 0, default=None)
    by = 0 if most is None else getattr(most.change, limit.field) or 0
    if most is None or by <= 0:
        return told
    return f"{told}; most of it in {what(most)} ({address_range(*most.range)}): {signed_size(by)}"
