import json
import sys

import pytest

from mmexplorer.cli import main
from tests.support.specimens.libc import LIBC


def test_symbols_of_a_library(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["symbols", LIBC, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"schema", "path", "build_id", "symbols"}
    malloc = next(each for each in document["symbols"] if each["raw"] == "malloc")
    assert (malloc["type"], malloc["version"], malloc["default_version"]) == ("FUNC", "GLIBC_2.2.5", True)
    needed = next(each for each in document["symbols"] if each["raw"] == "__tls_get_addr")
    assert (needed["version"], needed["default_version"]) == ("GLIBC_2.3", False)
    local = next(each for each in document["symbols"] if each["raw"] == "GLIBC_2.2.5")
    assert (local["version"], local["default_version"]) == (None, None)
    assert main(["symbols", LIBC, f"{int(malloc['address'], 16) + 3:x}"]) == 0
    assert capsys.readouterr().out == "malloc+0x3 in section .text\n"
    assert main(["symbols", LIBC]) == 0
    assert f"{int(malloc['address'], 16):016x} T malloc@@GLIBC_2.2.5\n" in capsys.readouterr().out


def test_what_is_no_symbol(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["symbols", sys.executable, "0x1"]) == 1
    assert "no symbol is known at 0x1" in capsys.readouterr().err
    assert main(["symbols", sys.executable, "first"]) == 2
    assert "not an address in hexadecimal" in capsys.readouterr().err
    assert main(["symbols", "/proc/self/maps"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
