"""The JSON of the lab process, which does without `json`, is read back as what was written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.kernel.lab.child import line

TEXTS = st.text(st.characters(exclude_categories=()))
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)
)


@given(VALUES)
def test_a_message_is_one_line_of_ascii_and_read_back_as_it_was(value: object) -> None:
    written = line({"value": value})
    assert written.isascii()
    assert written.endswith(b"\n")
    assert written.count(b"\n") == 1
    assert json.loads(written) == json.loads(json.dumps({"value": value}))
