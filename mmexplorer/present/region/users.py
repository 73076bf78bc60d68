"""The users of a file: the table for the command and for Explore, and what couldn't be read."""

from collections.abc import Iterator

from mmexplorer.model.process.process import Process
from mmexplorer.model.process.users import CachedPages, Share, Unseen, Use, Users
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.cells import DASH, number_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import number_of, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_LISTED = 5
"""Most processes listed by name if they couldn't be read, and most descriptors in a cell."""
_BY_THE_KERNEL = "What the kernel itself holds (swap, loop devices, executed scripts) isn't listed."


NO_USERS: Line = line(
    span("w", Tone.ACCENT), span(" asks which processes map the file behind the region, or hold it open.", Tone.DIM)
)


def asking_line(name: str) -> Line:
    """Say that the search is under way."""
    return line(span("searching all processes for ", Tone.DIM), span(name, Tone.BRIGHT), span(" ...", Tone.DIM))


def no_users_line(name: str, reason: Unavailable) -> Line:
    """Explain why there is no answer."""
    return line(span(f"{name or 'this region'}: ", Tone.BRIGHT), span(str(reason), Tone.WARN))


def users_lines(users: Users, page_size: int) -> Iterator[Line]:
    """Yield what the table below is about: the file, its pages in the page cache, and the number of users."""
    file = users.file
    deleted = line(span(" (deleted)", Tone.WARN)) if file.deleted else EMPTY
    where = f"  device {file.mapped.dev}, inode {file.mapped.inode}"
    yield (span(file.path, Tone.BRIGHT), *deleted, span(where, Tone.DIM))
    yield (span("page cache ", Tone.DIM), *_cached(users.cached, page_size))
    count = f"{len(users.uses):,} of {users.looked_at:,} processes"
    yield (span(count, Tone.BRIGHT), span(" map it or hold it open", Tone.DIM), *_summed(users.uses))


def unseen_lines(unseen: tuple[Unseen, ...], listed: int = _LISTED) -> Iterator[Line]:
    """Name the processes that couldn't be read completely, and the reasons for the first ones."""
    if unseen:
        count = len({each.pid for each in unseen})
        who = number_of(count, "process", "processes")
        yield line(span(f"Not everything of {who} was seen, which may use it, too:", Tone.WARN))
    for each in unseen[:listed]:
        yield line(span(f"  {each.pid} {each.name}: {each.what}: {each.reason}", Tone.DIM))
    if len(unseen) > listed:
        yield line(span(f"  and {len(unseen) - listed:,} more", Tone.DIM))
    yield line(span(_BY_THE_KERNEL, Tone.DIM))


def _summed(uses: tuple[Use, ...]) -> Line:
    """Return the total PSS, and for how many processes it is known."""
    shares = [use.share.pss for use in uses if isinstance(use.share, Share)]
    mapping = sum(use.regions > 0 for use in uses)
    if not shares:
        return EMPTY
    of = "" if len(shares) == mapping else f" of the {len(shares):,} whose smaps was read"
    return line(span(f"; the PSS{of} is ", Tone.DIM), size(sum(shares)))


def _cached(cached: CachedPages | Unavailable, page_size: int) -> Line:
    if isinstance(cached, Unavailable):
        return line(span("— ", Tone.DIM), str(cached))
    text = f"{number_of(cached.cached, 'page')} ({size(cached.cached * page_size)}), {cached.dirty:,} dirty"
    return line(f"{text}, {cached.writeback:,} being written, {cached.recently_evicted:,} evicted not long ago")


def _command(process: Process) -> str:
    if isinstance(process.command, Unavailable) or not any(process.command):
        return f"[{process.name}]"
    return " ".join(process.command)


def _descriptors(use: Use) -> Line:
    listed = ", ".join(map(str, use.descriptors[:_LISTED]))
    more = len(use.descriptors) - _LISTED
    return line(f"{listed} and {more} more" if more > 0 else listed)


def _share(use: Use, name: str) -> Line:
    return size_cell(getattr(use.share, name)) if isinstance(use.share, Share) else DASH


def _mode(use: Use) -> Line:
    if not use.regions:
        return EMPTY
    return line(span("shared, writable", Tone.WARN)) if use.writable else line("private")


USER_COLUMNS: tuple[Column[Use], ...] = (
    Column("pid", "PID", 7, lambda row: line(str(row.process.pid)), align="right", frozen=True, help="The process."),
    Column(
        "regions",
        "REGIONS",
        7,
        lambda row: number_cell(row.regions),
        align="right",
        help="Its regions that map it.",
    ),
    Column("size", "SIZE", 6, lambda row: size_cell(row.size), align="right", help="Their address space."),
    Column(
        "rss",
        "RSS",
        6,
        lambda row: _share(row, "rss"),
        align="right",
        help="Their resident memory.",
    ),
    Column("pss", "PSS", 6, lambda row: _share(row, "pss"), align="right", help="The fair share of it."),
    Column("fd", "FD", 6, _descriptors, help="Descriptors that hold it open."),
    Column("mode", "MODE", 16, _mode, priority=1, help="Whether others see what it writes there."),
    Column(
        "command",
        "COMMAND",
        10,
        lambda row: line(_command(row.process)),
        flexible=True,
        help="The process's arguments.",
    ),
)
