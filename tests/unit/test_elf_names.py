"""The symbols and the dynamic section of a file as rows, with their addresses in memory."""

import os

from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.elf.dynamic import Dynamic, DynamicEntry
from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.elf.names import DYNAMIC_COLUMNS, dynamic_rows, symbol_rows, symbols_note
from mmexplorer.present.text.line import plain
from tests.support.fakes.machine import IMAGES
from tests.support.live import address_space


def loaded() -> LoadedImage:
    return LoadedImage(next(iter(IMAGES.values())), None, 0x7F3A_4C00_0000)


def test_entries_that_are_addresses_lead_to_memory() -> None:
    entries = (
        DynamicEntry("NEEDED", 1, "libm.so.6"),
        DynamicEntry("INIT", 0x1000, None),
        DynamicEntry("STRSZ", 2048, None),
        DynamicEntry("FLAGS_1", 0x8000001, None),
    )
    rows = dynamic_rows(Dynamic(entries), loaded())
    assert [[plain(column.text(row)) for column in DYNAMIC_COLUMNS] for row in rows] == [
        ["NEEDED", "libm.so.6", "—"],
        ["INIT", "0x1000", "7f3a4c001000"],
        ["STRSZ", "2K", "—"],
        ["FLAGS_1", "0x8000001", "—"],
    ]


def test_our_own_libc_has_malloc_where_its_region_of_code_is() -> None:
    space = address_space(os.getpid())
    assert isinstance(space, AddressSpace)
    libc = next(each for each in space.layout.images if "libc.so" in each.image.path)
    symbols = LiveInspector(LiveProcfs()).symbols(space, libc)
    assert isinstance(symbols, Symbols)
    rows = symbol_rows(symbols, libc)
    starts = [row.start for row in rows if row.start is not None]
    assert starts == sorted(starts)
    malloc = next(row for row in rows if row.name.startswith("malloc") and row.start is not None)
    assert any("x" in region.perms and region.start <= (malloc.start or 0) < region.end for region in space.regions)
    assert ".dynsym" in symbols_note(symbols, rows)
