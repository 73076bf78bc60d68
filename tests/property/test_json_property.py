"""JSON without `json` is the JSON of `json`."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.present.json.document import written

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none(), inner)
    ),
)


@given(_VALUES)
def test_a_value_is_written_as_json_writes_it(value: object) -> None:
    assert written(value) == json.dumps(value).replace("\x7f", "\\u007f")


def test_so_is_a_long_list() -> None:
    for count in (99, 100, 1000):
        value = {"runs": [{"at": number, "name": f"é{number}\x7f"} for number in range(count)]}
        assert written(value) == json.dumps(value).replace("\x7f", "\\u007f")
