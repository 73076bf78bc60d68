"""Encodings that lack characters, streams that are closed or full: an error or a replacement, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLAIN = (["ps"], ["free"], ["lab", "--list"], ["elf", sys.executable], ["maps", str(os.getpid())], ["--help"])
WRITING = "mmexplorer: the answer can't be written: "


def told(command: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `command`, a line of sh in which `"$@"` is mmexplorer with these arguments."""
    return subprocess.run(
        ["sh", "-c", command, "sh", sys.executable, "-m", "mmexplorer", *arguments],
        capture_output=True,
        check=False,
        env=os.environ | environment,
    )


@pytest.mark.parametrize(
    ("encoding", "arguments"),
    [
        *(("ascii", each) for each in PLAIN),
        *((other, PLAIN[1]) for other in ("latin-1", "koi8-r")),
        ("koi8-r", PLAIN[2]),
    ],
)
def test_an_encoding_without_our_characters(encoding: str, arguments: list[str]) -> None:
    ended = told('"$@"', *arguments, PYTHONIOENCODING=encoding)
    assert ended.returncode == 0
    assert ended.stdout.decode(encoding)
    assert ended.stderr == b""


def test_what_stderr_says_is_replaced_too() -> None:
    ended = told('"$@"', "maps", "名—", PYTHONIOENCODING="ascii")
    assert ended.stderr == b"mmexplorer: ??-: no process has that name\n"


@pytest.mark.parametrize("arguments", [*PLAIN, ["--version"]])
def test_a_closed_stdout_is_a_sentence(arguments: list[str]) -> None:
    ended = told('"$@" >&-', *arguments)
    assert ended.returncode == 1
    assert ended.stderr.decode() == f"{WRITING}stdout is closed\n"


@pytest.mark.parametrize("arguments", PLAIN)
def test_a_full_stdout_is_a_sentence(arguments: list[str]) -> None:
    ended = told('"$@" >/dev/full', *arguments)
    assert ended.returncode == 1
    assert ended.stderr.decode() == f"{WRITING}No space left on device\n"


def test_a_closed_or_full_stderr_leaves_the_exit_status(tmp_path: Path) -> None:
    for place in ("&-", "/dev/full"):
        assert told(f'"$@" 2>{place}', "maps", str(tmp_path)).returncode == 1
        assert told(f'"$@" 2>{place}', "--nonsense").returncode == 2


def test_what_argparse_says_of_arguments_is_cleaned() -> None:
    ended = told('"$@"', "free", "\x1b]0;title\x07\n\x9b31m")
    assert ended.returncode == 2
    assert b"\x1b" not in ended.stderr
    assert "␛]0;title␇␊" in ended.stderr.decode()
