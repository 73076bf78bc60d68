"""The direction of imports, checked by import-linter and by what a new interpreter actually loads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmexplorer.commands.registry import COMMANDS, command
from mmexplorer.kernel.interpreter import interpreter
from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]

_LIST_MODULES = """
import json, runpy, sys
sys.argv = json.loads({argv!r})
try:
    runpy.run_module("mmexplorer", run_name="__main__")
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def modules_after(*arguments: str) -> set[str]:
    argv = json.dumps(["mmexplorer", *arguments])
    done = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES.format(argv=argv)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["ps", "--json"],
        ["ps"],
        ["maps", "self", "--json"],
        ["maps", "1"],
        ["elf", sys.executable, "--json"],
        ["symbols", sys.executable, "--json"],
        ["security", sys.executable, "--json"],
        ["where", "self", "[stack]", "--json"],
        ["bytes", "self", "[stack]", "--json"],
        ["pages", "self", "[stack]"],
        ["free", "--json"],
        ["sar", "1", "1", "--json"],
        ["lab", "--list", "--json"],
    ],
    ids=" ".join,
)
def test_plain_commands_never_import_textual(arguments: list[str]) -> None:
    loaded = modules_after(*arguments)
    assert "mmexplorer.cli" in loaded
    assert not loaded & {"textual", "rich", "psutil"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--version"], set()), (["--help"], set()), (["ps"], {"ps"}), (["free", "--help"], {"free"})],
)
def test_only_the_command_that_is_named_is_imported(arguments: list[str], named: set[str]) -> None:
    loaded = modules_after(*arguments)
    assert {name for name in COMMANDS if f"mmexplorer.commands.{name}" in loaded} == named


def test_a_lab_in_plain_text_imports_what_plays_it_and_nothing_that_others_need() -> None:
    loaded = modules_after("lab", "mprotect", "--run") - modules_after("--version")
    assert not loaded & (EXPENSIVE | {"ctypes", "html", "tomllib"}) - {"math", "resource", "subprocess"}
    assert {name for name in loaded if name.startswith("mmexplorer.labs.chapter.")} == {
        "mmexplorer.labs.chapter.mprotect"
    }
    assert not loaded & {
        "mmexplorer.present.json.lab",
        "mmexplorer.kernel.lab.oom_cgroup",
        "mmexplorer.labs.file.build",
    }


def test_the_lab_process_has_little_in_its_map_that_it_doesnt_need() -> None:
    command = interpreter("mmexplorer.kernel.lab.child")
    command[-1] = f"{command[-1].removesuffix('child.main()')}print(*sys.modules)"
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    loaded = set(done.stdout.split())
    assert "mmexplorer.kernel.lab.child" in loaded
    assert loaded & {*EXPENSIVE, "collections", "ctypes", "enum", "functools", "json", "re", "signal"} == {"ctypes"}


def test_every_command_is_in_the_registry() -> None:
    found = {file.stem for file in (ROOT / "mmexplorer" / "commands").glob("*.py") if "\ndef run(" in file.read_text()}
    assert found - {"explorer"} == set(COMMANDS)
    assert all(hasattr(command(name), "add_arguments") for name in COMMANDS)


def test_the_version_is_cheap() -> None:
    loaded = modules_after("--version")
    assert not loaded & {"psutil", "elftools", "ctypes", "subprocess"}


def test_the_screens_start_without_what_reads_files_and_plays_labs() -> None:
    program = """
import sys
import mmexplorer.commands.screens.live, mmexplorer.kernel.capture.capture, mmexplorer.kernel.capture.moment_source
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    loaded = set(done.stdout.split())
    assert "mmexplorer.ui.app" in loaded
    assert not loaded & {
        "hashlib",
        "mmexplorer.kernel.process.users",
        "mmexplorer.labs.interfaces",
        "mmexplorer.labs.lab",
        "mmexplorer.parse.pasted",
        "mmexplorer.ui.palette",
    }
    assert not [name for name in loaded if name.startswith(("mmexplorer.kernel.capture.co", "mmexplorer.labs.chapter"))]


EXPENSIVE = {
    "concurrent.futures",
    "dataclasses",
    "datetime",
    "elftools",
    "hashlib",
    "inspect",
    "logging",
    "lzma",
    "math",
    "pathlib",
    "resource",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "typing",
}


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        (["ps"], 54),
        (["ps", "--json"], 57),
        (["free", "--json"], 29),
        (["elf", sys.executable, "--json"], 47),
        (["maps", str(os.getpid()), "--json"], 89),
        (["maps", str(os.getpid())], 116),
        (["where", "self", "[stack]", "--json"], 128),
    ],
    ids=("ps", "ps --json", "free --json", "elf --json", "maps --json", "maps", "where --json"),
)
def test_a_command_imports_little(arguments: list[str], most: int) -> None:
    """A command waits for every import: at most `most` of ours, and none of those that cost as much as ten.

    A process whose map changes while it is read takes three more than these need.
    """
    loaded = modules_after(*arguments) - modules_after("--version")
    assert not loaded & EXPENSIVE
    assert len([name for name in loaded if name.startswith("mmexplorer")]) <= most


def test_the_map_of_a_process_with_one_thread_needs_no_reader_of_threads() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:  # ends with its input
        loaded = modules_after("maps", "--json", str(process.pid))
    assert "mmexplorer.kernel.process.address_space" in loaded
    assert not loaded & {
        "mmexplorer.kernel.process.threads",
        "mmexplorer.parse.process.syscall",
        "mmexplorer.present.text.width",
    }


def test_the_screens_start_without_openssl_which_can_be_imported_later() -> None:
    program = """
import sys
import mmexplorer.ui.app
print(*{"asyncio", "textual", "ssl", "_ssl", "_hashlib"}.intersection(sys.modules))
with open("/proc/self/maps") as maps:
    print("libcrypto" in maps.read())
import ssl
print(ssl.SSLContext.__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    loaded, mapped, name = done.stdout.splitlines()
    assert set(loaded.split()) == {"asyncio", "textual"}
    assert (mapped, name) == ("False", "SSLContext")


def test_the_screens_leave_an_ssl_that_is_there_alone() -> None:
    program = "import ssl, sys, mmexplorer.ui; print(sys.modules['ssl'] is ssl)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert done.stdout == "True\n"
