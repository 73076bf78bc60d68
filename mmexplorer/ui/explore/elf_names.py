"""Symbols and dynamic section for the ELF pane, read in a thread on demand."""

import asyncio

from mmexplorer.model.elf.layout import LoadedImage
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.names import SymbolRow, dynamic_rows, symbol_rows, symbols_note
from mmexplorer.ui.explore.elf_pane import ElfPane


async def read_names(pane: ElfPane, space: AddressSpace, inspector: Inspector) -> None:
    """Read the symbols or the dynamic section of the pane's file, if the pane needs them."""
    loaded, part = pane.wants, pane.part
    if loaded is None:
        return
    if part == "symbols":
        pane.show_symbols(loaded, *await asyncio.to_thread(_symbols, space, loaded, inspector))
    else:
        dynamic = await asyncio.to_thread(inspector.dynamic, space, loaded)
        rows = dynamic if isinstance(dynamic, Unavailable) else dynamic_rows(dynamic, loaded)
        pane.show_dynamic(loaded, rows)


def _symbols(
    space: AddressSpace, loaded: LoadedImage, inspector: Inspector
) -> tuple[tuple[SymbolRow, ...] | Unavailable, str]:
    symbols = inspector.symbols(space, loaded)
    if isinstance(symbols, Unavailable):
        return symbols, ""
    rows = symbol_rows(symbols, loaded)
    return rows, symbols_note(symbols, rows)
