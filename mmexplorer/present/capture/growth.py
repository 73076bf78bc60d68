"""How regions grew over a capture: the samples, and the rows computed from them."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.capture.growth import SURE_SAMPLES, Growth, Sample
from mmexplorer.model.region_kind import classify
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.json.document import record
from mmexplorer.present.region.address import phrase, region_name
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, hexadecimal, signed_size
from mmexplorer.present.text.line import line

_MINUTE = 60


def samples(space: AddressSpace) -> Iterator[Sample]:
    """Yield the memory plus swap of each region, or its size if there are no counters."""
    usages = space.usages
    for region in space.regions:
        usage = None if usages is None else usages.of(region)
        match, role = space.layout.matches.get(region.start), space.roles.get(region.start)
        name = phrase(classify(region, match, usage, role), region_name(region, match, role))
        if usages is None:
            yield Sample(region.range, region.size, name)
        elif usage is not None:
            yield Sample(region.range, (usage.get("Rss") or 0) + (usage.get("Swap") or 0), name)


def growth_record(growth: Growth) -> dict[str, object]:
    """Return a row of a grow/1 document."""
    return record(
        {
            "what": growth.what,
            "start": hexadecimal(growth.range.start),
            "end": hexadecimal(growth.range.end),
            "bytes_per_minute": round(growth.trend.per_second * _MINUTE, 1),
            "samples": growth.trend.samples,
            "r_squared": round(growth.trend.r_squared, 4),
        }
    )


def _verdict(growth: Growth) -> str:
    if growth.trend.leak:
        return "grows"
    if growth.trend.per_second <= 0:
        return "shrinks"
    return "too few to tell" if growth.trend.samples < SURE_SAMPLES else "goes up and down"


GROWTH_COLUMNS: Sequence[Column[Growth]] = (
    Column("start", "START", 12, lambda row: line(address(row.range.start)), align="right"),
    Column("end", "END", 12, lambda row: line(address(row.range.end)), align="right"),
    Column("rate", "A MINUTE", 8, lambda row: line(signed_size(round(row.trend.per_second * _MINUTE))), align="right"),
    Column("gained", "GAINED", 6, lambda row: line(signed_size(row.gained)), align="right"),
    Column("samples", "SAMPLES", 7, lambda row: line(f"{row.trend.samples:,}"), align="right"),
    Column("fit", "R²", 4, lambda row: line(f"{row.trend.r_squared:.2f}"), align="right"),
    Column("verdict", "SO IT", 16, lambda row: line(_verdict(row))),
    Column("what", "WHAT", 10, lambda row: line(row.what), flexible=True),
)
