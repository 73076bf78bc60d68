"""The script for a host without mmexplorer, in the shells that there are, and what a capture becomes for others."""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.support.specimens.children import at_rest

_SHELLS = (("dash",), ("busybox", "sh"), ("bash", "--posix"))


def _run(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mmexplorer", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def pid() -> Iterator[int]:
    with subprocess.Popen(["sleep", "1000"]) as sleeping:
        at_rest(sleeping.pid)
        yield sleeping.pid
        sleeping.kill()


@pytest.mark.parametrize("shell", _SHELLS, ids=lambda shell: shell[0])
def test_the_script_makes_a_capture(shell: tuple[str, ...], pid: int, tmp_path: Path) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    script = _run("collect", folder=tmp_path).encode()
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [*shell, "-s", str(pid), "2", "1"], input=script, capture_output=True, check=True, env=environment
    )
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x.tar").write_bytes(done.stdout)
    told = json.loads(_run("maps", "x.tar", "--json", folder=tmp_path))
    live = json.loads(_run("maps", str(pid), "--json", folder=tmp_path))
    assert told["source"] == "capture"
    for name in ("pid", "start_time", "exe", "page_size"):
        assert told[name] == live[name]
    for ours, theirs in zip(told["regions"], live["regions"], strict=True):
        assert [ours[name] for name in ("start", "end", "perms", "path", "vm_flags")] == [
            theirs[name] for name in ("start", "end", "perms", "path", "vm_flags")
        ]
    (process,) = json.loads(_run("ps", "x.tar", "--json", folder=tmp_path))["processes"]
    assert process["command"] == ["sleep", "1000"]
    for cut in (len(done.stdout) * part // 10 for part in range(10)):
        (tmp_path / "cut.tar").write_bytes(done.stdout[:cut])
        ended = subprocess.run(
            [sys.executable, "-m", "mmexplorer", "ps", "cut.tar"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode in (0, 1)
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("wrong", [(), ("x",), ("99999999",), ("1; echo",)])
def test_the_script_refuses_what_is_no_process(wrong: tuple[str, ...], tmp_path: Path) -> None:
    script = _run("collect", folder=tmp_path).encode()
    done = subprocess.run(["sh", "-s", *wrong], input=script, capture_output=True, check=False)
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert done.stderr


@pytest.fixture(scope="module")
def capture(pid: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("capture")
    _run("record", str(pid), "-o", "x.mmx", "--every", "100ms", "--for", "400ms", folder=folder)
    return folder


def _objects(capture: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _run("export", "x.mmx", "--json-lines", folder=capture).splitlines()]


def test_rows_are_the_same_as_csv_and_as_json(capture: Path) -> None:
    objects = _objects(capture)
    table = list(csv.DictReader(io.StringIO(_run("export", "x.mmx", "--csv", folder=capture))))
    assert [{name: "" if value is None else str(value) for name, value in each.items()} for each in objects] == table
    assert {each["moment"] for each in objects} == set(range(len({each["moment"] for each in objects})))
    last = [each for each in objects if each["moment"] == objects[-1]["moment"]]
    told = json.loads(_run("maps", "x.mmx", "--json", folder=capture))
    assert [(each["start"], each["rss"]) for each in last] == [(each["start"], each["rss"]) for each in told["regions"]]


def test_a_region_has_the_same_id_in_another_run(capture: Path, tmp_path: Path) -> None:
    _run("record", "-o", "y.mmx", "--every", "50ms", "--", "sleep", "0.5", folder=tmp_path)
    ids = [{each["region_id"] for each in _objects(capture)}]
    lines = _run("export", "y.mmx", "--json-lines", folder=tmp_path).splitlines()
    ids.append({json.loads(line)["region_id"] for line in lines})
    assert ids[0] & ids[1] >= {"heap [heap]", "stack [stack]", "vdso [vdso]"} - {"vdso [vdso]"}
    assert sum(each.startswith("elf ") for each in ids[0] & ids[1]) >= 10


def test_a_trace_has_counters(capture: Path) -> None:
    events = json.loads(_run("export", "x.mmx", "--perfetto", folder=capture))["traceEvents"]
    assert events[0]["name"] == "process_name"
    counters = [event for event in events if event["ph"] == "C"]
    assert {event["name"] for event in counters} >= {"all: size", "all: rss", "the stack"}
    assert all(isinstance(event["args"]["bytes"], int) for event in counters)


def test_a_page_is_whole_and_needs_nothing_else(capture: Path) -> None:
    page = _run("export", "x.mmx", "--html", folder=capture)

    class Tags(HTMLParser):
        opened: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}
            if tag not in ("meta", "polyline"):
                self.opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag != "polyline":
                assert self.opened.pop() == tag

    tags = Tags()
    tags.feed(page)
    assert tags.opened == []
    assert "[stack]" in page or "the stack" in page
