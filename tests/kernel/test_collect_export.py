"""The script for a host without mmexplorer, in several shells, and captures exported for other programs."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mmexplorer.kernel.capture.record.recording import ProcessRecording
from mmexplorer.kernel.capture.record.writer import CaptureWriter, create
from mmexplorer.kernel.procfs import LiveProcfs
from tests.support.captures import MANIFEST
from tests.support.commands import output, run
from tests.support.live import key_of
from tests.support.specimens.children import sleeping

_SHELLS = (("dash",), ("busybox", "sh"), ("bash", "--posix"))


@pytest.fixture(scope="module")
def pid() -> Iterator[int]:
    with sleeping() as sleeper:
        yield sleeper


@pytest.mark.parametrize("shell", _SHELLS, ids=lambda shell: shell[0])
def test_the_script_makes_a_capture(shell: tuple[str, ...], pid: int, tmp_path: Path) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    script = output("collect", folder=tmp_path).encode()
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [*shell, "-s", str(pid), "2", "1"], input=script, capture_output=True, check=True, env=environment
    )
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x.tar").write_bytes(done.stdout)
    told = json.loads(output("maps", "x.tar", "--json", folder=tmp_path))
    live = json.loads(output("maps", str(pid), "--json", folder=tmp_path))
    assert told["source"] == "capture"
    for name in ("pid", "start_time", "exe", "page_size"):
        assert told[name] == live[name]
    for ours, theirs in zip(told["regions"], live["regions"], strict=True):
        assert [ours[name] for name in ("start", "end", "perms", "path", "vm_flags")] == [
            theirs[name] for name in ("start", "end", "perms", "path", "vm_flags")
        ]
    ours, theirs = (
        {each["path"]: each for each in json.loads(output("elf", "-p", of, "--json", folder=tmp_path))["images"]}
        for of in ("x.tar", str(pid))
    )
    files = [path for path in theirs if path.startswith("/")]
    assert files
    for path in files:
        assert ours[path]["segments"]
        # libc's .interp is deep inside the file, where the script keeps nothing.
        left_out = {"opened_via", "interp"} if "/libc.so" in path else {"opened_via"}
        assert {name: value for name, value in ours[path].items() if name not in left_out} == {
            name: value for name, value in theirs[path].items() if name not in left_out
        }
    of_files = [
        [region["segment"] for region in document["regions"] if region["path"].startswith("/")]
        for document in (told, live)
    ]
    assert of_files[0] == of_files[1]
    (process,) = json.loads(output("ps", "x.tar", "--json", folder=tmp_path))["processes"]
    assert process["command"] == ["sleep", "1000"]
    if shell == _SHELLS[0]:
        for cut in (len(done.stdout) * part // 10 for part in range(10)):
            (tmp_path / "cut.tar").write_bytes(done.stdout[:cut])
            assert run("ps", "cut.tar", folder=tmp_path).status in (0, 1)


@pytest.mark.parametrize("wrong", [(), ("x",), ("99999999",), ("1; echo",)])
def test_the_script_refuses_what_is_no_process(wrong: tuple[str, ...], tmp_path: Path) -> None:
    script = output("collect", folder=tmp_path).encode()
    done = subprocess.run(["sh", "-s", *wrong], input=script, capture_output=True, check=False)
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert done.stderr


@pytest.fixture(scope="module")
def capture(pid: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("capture")
    record(folder / "x.mmx", pid)
    return folder


def record(file: Path, pid: int) -> None:
    """Record three moments of a process."""
    writer = create(str(file), MANIFEST, 1 << 30)
    assert isinstance(writer, CaptureWriter)
    recording = ProcessRecording(LiveProcfs(), key_of(pid))
    for _ in range(3):
        assert writer.add(recording.take(counters_now=True).recorded) is None
    assert writer.close() is None


def _objects(capture: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output("export", "x.mmx", "--json-lines", folder=capture).splitlines()]


@pytest.mark.parametrize("formats", [("--csv", "--json"), ("--json", "--html"), ()])
def test_one_format_must_be_chosen(formats: tuple[str, ...], capture: Path) -> None:
    refused = run("export", "x.mmx", *formats, folder=capture)
    assert (refused.status, refused.out) == (2, "")


def test_rows_are_the_same_as_csv_and_as_json(capture: Path) -> None:
    objects = _objects(capture)
    table = list(csv.DictReader(io.StringIO(output("export", "x.mmx", "--csv", folder=capture))))
    assert [{name: "" if value is None else str(value) for name, value in each.items()} for each in objects] == table
    assert {each["moment"] for each in objects} == set(range(len({each["moment"] for each in objects})))
    last = [each for each in objects if each["moment"] == objects[-1]["moment"]]
    told = json.loads(output("maps", "x.mmx", "--json", folder=capture))
    assert [(each["start"], each["rss"]) for each in last] == [(each["start"], each["rss"]) for each in told["regions"]]


def test_a_region_has_the_same_id_in_another_run(capture: Path, tmp_path: Path) -> None:
    with sleeping() as again:
        record(tmp_path / "y.mmx", again)
    ids = [{each["region_id"] for each in _objects(capture)}]
    lines = output("export", "y.mmx", "--json-lines", folder=tmp_path).splitlines()
    ids.append({json.loads(line)["region_id"] for line in lines})
    assert ids[0] & ids[1] >= {"heap [heap]", "stack [stack]", "vdso [vdso]"} - {"vdso [vdso]"}
    assert sum(each.startswith("elf ") for each in ids[0] & ids[1]) >= 10


def test_a_trace_has_counters(capture: Path) -> None:
    events = json.loads(output("export", "x.mmx", "--perfetto", folder=capture))["traceEvents"]
    assert events[0]["name"] == "process_name"
    counters = [event for event in events if event["ph"] == "C"]
    assert {event["name"] for event in counters} >= {"all: size", "all: rss", "the stack"}
    assert all(isinstance(event["args"]["bytes"], int) for event in counters)


def test_a_page_is_whole_and_needs_nothing_else(capture: Path) -> None:
    page = output("export", "x.mmx", "--html", folder=capture)

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
