"""Findings for programs and mapped memory that were built to lack protections."""

import json
import struct
import subprocess
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.elf.dynamic import read_dynamic
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.files import OpenFile, open_regular
from mmexplorer.model.elf.dynamic import Dynamic
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.parse.elf.dynamic import named_dynamic, parse_dynamic
from mmexplorer.parse.elf.tables import branch_protection
from tests.support.specimens.children import code

_SOURCE = '#include <stdio.h>\nint main(int n, char **v) { char b[64]; sprintf(b, "%s", v[0]); puts(b); return n; }\n'


def findings(capsys: pytest.CaptureFixture[str], what: str) -> list[dict[str, str]]:
    assert main(["security", what, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    found: list[dict[str, str]] = document["findings"]
    assert all(set(each) == {"what", "where", "verdict", "evidence"} for each in found)
    return found


def verdicts(capsys: pytest.CaptureFixture[str], what: str) -> dict[str, str]:
    return {each["what"]: each["verdict"] for each in findings(capsys, what)}


@pytest.mark.gcc
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (
            ["-fstack-protector-all", "-pie", "-Wl,-z,relro,-z,now"],
            {"pie": "good", "canary": "good", "relro": "good", "bind_now": "good", "executable_stack": "good"},
        ),
        (
            ["-fno-stack-protector", "-no-pie", "-Wl,-z,norelro,-z,lazy", "-z", "execstack"],
            {"pie": "weak", "canary": "weak", "relro": "weak", "bind_now": "weak", "executable_stack": "bad"},
        ),
    ],
    ids=["hardened", "bare"],
)
def test_what_a_file_promises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], expected: dict[str, str]
) -> None:
    program = tmp_path / "program"
    subprocess.run(["gcc", "-O1", "-x", "c", "-", "-o", program, *flags], input=_SOURCE.encode(), check=True)
    found = verdicts(capsys, str(program))
    assert {what: found[what] for what in expected} == expected
    assert main(["security", str(program)]) == 0
    assert "GNU_STACK" in capsys.readouterr().out


_UNSAFE = """
import ctypes, mmap, os, sys
kept = [mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)]
file = os.memfd_create("code"); os.ftruncate(file, 4096)
kept.append(mmap.mmap(file, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC))
print(flush=True)
sys.stdin.read()
"""


def test_what_is_mapped(capsys: pytest.CaptureFixture[str]) -> None:
    with code(_UNSAFE) as process:
        found = findings(capsys, str(process.pid))
    assert [each["verdict"] for each in found if each["what"] == "write_execute"] == ["bad"]
    assert [each["evidence"] for each in found if each["what"] == "executable_memfd"] == ["r-xp /memfd:code"]
    assert {each["what"]: each["verdict"] for each in found if each["where"] == "process"} == {"aslr": "good"}
    libc = {each["what"]: each["verdict"] for each in found if each["where"].endswith("/libc.so.6")}
    assert libc["relro_applied"] == "good"


def test_a_process_without_aslr(capsys: pytest.CaptureFixture[str]) -> None:
    program = "import ctypes, os, sys\nif not sys.flags.ignore_environment: pass\nprint(flush=True); sys.stdin.read()"
    setting = "import ctypes, os, sys\nctypes.CDLL(None).personality(0x0040000)\n"
    with code(f"{setting}{program}") as process:
        found = findings(capsys, str(process.pid))
    assert ("process", "weak") in {(each["where"], each["verdict"]) for each in found if each["what"] == "aslr"}


def test_what_is_neither_a_process_nor_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["security", "./nothing-here"]) == 1
    assert main(["security", "nothing-here"]) == 1
    assert main(["security", "/etc/passwd"]) == 1
    assert capsys.readouterr().err.count("\n") == 3


@pytest.mark.oracle
def test_the_dynamic_section_is_readelfs() -> None:
    path = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"
    image, opened = ElfCache().open_path(path), open_regular(path)
    assert isinstance(image, ElfImage)
    assert isinstance(opened, OpenFile)
    with opened:
        found = read_dynamic(opened, image)
    assert isinstance(found, tuple)
    told = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True).stdout
    tags = [line.split("(", 1)[1].split(")", 1)[0] for line in told.splitlines() if line.startswith(" 0x")]
    assert [entry.tag for entry in found[0].entries] == [tag for tag in tags if tag != "NULL"]
    assert all(f"[{name}]" in told for name in (*found[0].texts("NEEDED"), *found[0].texts("SONAME")))


def test_entries_end_at_null_and_names_past_the_end_are_empty() -> None:
    table = struct.pack("<qQqQqQ", 1, 1, 0, 0, 14, 1) + b"xx"
    entries = parse_dynamic(table, "<", "ELF64")
    assert entries == ((1, 1),)
    assert named_dynamic(entries, b"\0libx.so\0").texts("NEEDED") == ("libx.so",)
    assert named_dynamic(((1, 1 << 40), (0x70000001, 5)), b"\0").entries[0].text == ""
    assert Dynamic(()).bind_now is False
    assert named_dynamic(((30, 8),), b"").bind_now
    assert named_dynamic(((0x6FFFFFFB, 0x08000001),), b"").pie


def test_notes_of_branch_protection() -> None:
    note = struct.pack("<III", 4, 16, 5) + b"GNU\0" + struct.pack("<IIII", 0xC0000002, 4, 3, 0)
    assert branch_protection(note, "<", 8, "X86_64") == ("IBT", "SHSTK")
    assert branch_protection(note, "<", 8, "AARCH64") == ()
    assert branch_protection(note[:20], "<", 8, "X86_64") == ()
