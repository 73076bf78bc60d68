"""The command line of a Python that runs a module of ours."""

import sys
from pathlib import Path

import pytest

from mmexplorer.kernel.interpreter import interpreter

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("read_only", [False, True])
def test_it_is_isolated_and_writes_byte_code_only_if_we_do(monkeypatch: pytest.MonkeyPatch, *, read_only: bool) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", read_only)
    executable, *options, command, code, first, second = interpreter("mmexplorer.kernel.lab.child", "1", "2")
    assert executable == sys.executable
    assert options == ["-I", "-S", *["-B"] * read_only]
    assert command == "-c"
    assert "from mmexplorer.kernel.lab import child; child.main()" in code
    assert (first, second) == ("1", "2")


def test_the_standard_library_is_found_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    modules = {name: module for name, module in sys.modules.items() if name.startswith("mmexplorer")}
    code = interpreter("mmexplorer.kernel.interpreter")[-1].removesuffix("; interpreter.main()")
    exec(code, {})  # noqa: S102 - it is ours
    assert sys.path[-1] == str(ROOT)
    assert all(sys.modules[name] is module for name, module in modules.items())
