"""`where`, `bytes` and `search` on a core file."""

import json
import subprocess
from pathlib import Path

import pytest

from mmexplorer.cli import main
from tests.support.specimens.children import child, ready_line
from tests.support.specimens.libc import malloc_address

_NEEDLE = b"needle in a core"
_PROGRAM = """
import ctypes, mmap, sys
memory = mmap.mmap(-1, 1 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory[4090 : 4090 + 16] = b"eroc a ni eldeen"[::-1]
print(ctypes.addressof(ctypes.c_char.from_buffer(memory)), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """Create a core file; return it and the address of a needle in it."""
    path = tmp_path_factory.mktemp("core") / "core"
    with child("-c", _PROGRAM) as process:
        address = int(ready_line(process)) + 4090
        command = ["gdb", "-nx", "-batch", "-p", str(process.pid), "-ex", f"generate-core-file {path}"]
        subprocess.run(command, capture_output=True, check=True)
    assert Path(path).stat().st_size > 1 << 20
    return str(path), address


def test_bytes_of_a_core(core: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, address = core
    assert main(["bytes", path, f"{address:#x}", "16", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert bytes.fromhex(document["hex"]) == _NEEDLE
    assert document["source"] == "core"
    assert main(["bytes", path, "0x10", "16"]) == 1
    assert "no region" in capsys.readouterr().out


def test_a_search_in_a_core(core: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, address = core
    assert main(["search", path, _NEEDLE.decode(), "--in", f"{address:#x}", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["source"] == "core"
    [match] = document["matches"]
    assert match["address"] == f"{address:#x}"


def test_where_in_a_core(core: tuple[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    path, address = core
    assert main(["where", path, f"{address:#x}", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["source"], document["taken_at"], document["verdict"]) == ("core", None, "inside")
    assert document["unavailable"]["taken_at"]
    assert main(["where", path, f"libc.so.6+{malloc_address():#x}", "--json"]) == 0
    symbol = json.loads(capsys.readouterr().out)["symbol"]
    assert symbol["raw"] == "malloc"
    assert symbol["file"].endswith("/libc.so.6")


@pytest.mark.parametrize("command", ["pages", "translate"])
def test_what_needs_a_process_that_lives_says_so(
    core: tuple[str, int], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, address = core
    assert main([command, path, f"{address:#x}"]) == 1
    assert "has no page tables" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "reason"),
    [(["translate", "0x10"], "has no page tables"), (["faults"], "makes no page faults")],
    ids=["translate", "faults"],
)
def test_a_file_is_refused_before_anything_else_is_said(
    core: tuple[str, int], command: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *rest = command
    assert main([name, core[0], *rest]) == 1
    assert capsys.readouterr().err == f"mmexplorer: a core file {reason}: this needs a live process\n"
