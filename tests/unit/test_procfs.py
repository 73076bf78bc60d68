"""Reading a file again: what is unchanged is the same object."""

from pathlib import Path

import pytest

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.unavailable import Cause, Unavailable

_LONG = b"".join(b"%08d\n" % number for number in range(50_000))
"""Several reads(2)."""


@pytest.mark.parametrize("known", [b"", b"other", _LONG[:-1], _LONG + b"x", b"x" + _LONG[1:], _LONG[:-1] + b"x"])
@pytest.mark.parametrize("text", [b"", b"short\n", _LONG])
def test_a_file_read_again_has_the_text_it_has_now(tmp_path: Path, text: bytes, known: bytes) -> None:
    (tmp_path / "maps").write_bytes(text)
    procfs = LiveProcfs(str(tmp_path))
    assert procfs.reread("maps", known) == text
    assert procfs.reread("maps", text) is text


def test_a_file_that_is_gone_or_too_long_is_unavailable_whatever_was_known(tmp_path: Path) -> None:
    assert LiveProcfs(str(tmp_path)).reread("7/maps", b"x") is ENDED
    (tmp_path / "maps").write_bytes(_LONG)
    answer = LiveProcfs(str(tmp_path), limit=1 << 17).reread("maps", _LONG[: 1 << 16])
    assert isinstance(answer, Unavailable)
    assert answer.cause is Cause.UNSUPPORTED


def test_how_long_the_process_was_held_is_told_of_a_text_that_is_too_long_as_well(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "smaps").write_bytes(_LONG)
    procfs = LiveProcfs(str(tmp_path), limit=1)
    assert isinstance(procfs.read("1/smaps"), Unavailable)
    assert procfs.longest_read > 0
