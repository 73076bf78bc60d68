"""Any lab file yields a lab, or an error with an existing line number."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.labs.file.build import lab_from
from mmexplorer.labs.file.values import LabFileError
from mmexplorer.labs.lab import Lab

_FOUND = re.search(r"```toml\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text(), re.DOTALL)
assert _FOUND is not None
_EXAMPLE = _FOUND[1]
_PIECES = (
    "[[step]]\n", "[", "]", "{", "}", '"', '"""', "'", "=", ".", ",", "#", "\n", "\\", "\r", "\0", "1e9", "nan",
    "{rss}", "[[x]]", "a.b = 1\n", "true", "1979-05-27", "fresh = true\n", 'process = "c"', "é", "\U0001f600",
)  # fmt: skip
_CHANGES = st.lists(
    st.tuples(st.integers(0, len(_EXAMPLE)), st.integers(0, 40), st.sampled_from(_PIECES) | st.text(max_size=4)),
    max_size=6,
)


def _accepts(text: str) -> None:
    lab, error = _read(text)
    if error is not None:
        assert error.sentence
        assert 0 <= error.line <= text.count("\n") + 1
    else:
        assert lab is not None
        assert lab.steps
        assert all(step.operations for step in lab.steps)


def _read(text: str) -> tuple[Lab | None, LabFileError | None]:
    try:
        return lab_from(text), None
    except LabFileError as error:
        return None, error


@given(_CHANGES)
def test_a_lab_with_pieces_put_in_and_taken_out(changes: list[tuple[int, int, str]]) -> None:
    text = _EXAMPLE
    for at, gone, piece in changes:
        text = text[:at] + piece + text[at + gone :]
    _accepts(text)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    _accepts(text)
