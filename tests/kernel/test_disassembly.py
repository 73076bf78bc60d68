"""Disassembly compared with objdump."""

import importlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.elf import machine_code
from mmexplorer.parse.elf.machine_code import MISSING, disassemble
from tests.support.specimens.children import code
from tests.support.specimens.libc import LIBC, malloc_address

_TWO_NAMES = ({"nop", "xchg"}, {"fucompi", "fucomip"}, {"fcompi", "fcomip"})
"""Instructions that the two programs name differently; xchg ax,ax does nothing."""
_PREFIXES = {"rep", "repz", "repnz", "lock", "bnd", "notrack", "cs", "data16"}


def of_objdump(start: int, end: int) -> list[tuple[int, bytes, str]]:
    command = ["objdump", "-d", "-M", "intel", "-w", f"--start-address={start:#x}", f"--stop-address={end:#x}", LIBC]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in told.splitlines() if line.count("\t") == 2]
    return [(int(row[0].strip(" :"), 16), bytes.fromhex(row[1]), row[2].split()[0]) for row in rows]


@pytest.mark.oracle
def test_a_thousand_instructions_are_objdumps() -> None:
    image = ElfCache().open_path(LIBC)
    symbols = SymbolCache("/nowhere").of_path(LIBC)
    assert isinstance(image, ElfImage)
    assert isinstance(symbols, Symbols)
    content = Path(LIBC).read_bytes()
    load = next(each for each in image.loads if "E" in each.flags)
    compared = 0
    functions = {each.address: each.size for each in symbols if each.type == "FUNC" and 64 < each.size < 400}
    for start, size in sorted(functions.items())[:30]:
        code_bytes = content[start - load.vaddr + load.offset :][:size]
        decoded = disassemble(code_bytes, start, image.machine, image.data)
        assert not isinstance(decoded, Unavailable)
        ours = [(each.address, each.content, each.mnemonic.split()[0]) for each in decoded]
        theirs = of_objdump(start, start + size)
        assert [row[:2] for row in ours] == [row[:2] for row in theirs]
        different = [
            (mine, other)
            for mine, other in zip(ours, theirs, strict=True)
            if mine[2] != other[2] and not {mine[2], other[2]} & _PREFIXES and {mine[2], other[2]} not in _TWO_NAMES
        ]
        assert different == []
        compared += len(ours)
    assert compared >= 1000


def test_bytes_that_are_no_instruction_do_not_end_it() -> None:
    decoded = disassemble(b"\x06" + b"\xc3" * 20 + b"\x0f\x83", 0x10, "X86_64")
    assert not isinstance(decoded, Unavailable)
    found = [(each.address, each.mnemonic) for each in decoded]
    assert found[:2] == [(0x10, "(bad)"), (0x11, "ret")]
    assert found[-1] == (0x25, "(cut)")


def test_without_the_library_and_for_other_machines_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(disassemble(b"\0", 0, "S390"), Unavailable)

    def missing(_name: str) -> Any:
        raise ImportError

    monkeypatch.setattr(machine_code, "importlib", importlib)
    monkeypatch.setattr(importlib, "import_module", missing)
    assert disassemble(b"\xc3", 0, "X86_64") is MISSING


def test_the_code_of_a_process(capsys: pytest.CaptureFixture[str]) -> None:
    with code("print(flush=True); import sys; sys.stdin.read()") as process:
        assert main(["bytes", str(process.pid), f"libc.so.6+{malloc_address():#x}", "64", "--as", "code"]) == 0
        told = capsys.readouterr().out
    assert "push" in told or "test" in told or "mov" in told
