"""The command line of a Python that runs a module of ours."""

import json
import sys
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.interpreter import interpreter
from mmexplorer.labs.registry import all_labs

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


@pytest.mark.parametrize(("there", "why"), [(True, "which this user may not execute"), (False, "which is not there")])
def test_without_it_no_lab_can_run_but_those_that_need_no_process(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, there: bool
) -> None:
    python = tmp_path / "python"
    if there:
        python.touch(mode=0o600)
    monkeypatch.setattr(sys, "executable", str(python))
    assert main(["lab", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["labs"]
    simulated = {lab.name for lab in all_labs() if lab.simulator is not None}
    assert {each["name"] for each in listed if each["runnable"]} == simulated
    assert all(f"the lab process runs {python}, {why}" in each["reason"] for each in listed if not each["runnable"])
    assert main(["lab", "mmap", "--run"]) == 3
    done = capsys.readouterr()
    assert done.out == ""
    assert done.err.startswith(f"mmexplorer: mmap can't run here: the lab process runs {python}, {why}")
