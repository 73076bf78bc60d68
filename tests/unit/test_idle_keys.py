"""A key that does nothing says why."""

import pytest

from mmexplorer.ui.explore.idle_keys import why_idle


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("t", "nothing to touch"),
        ("i", "Zoom in works in Pages (p)."),
        ("X", "Fault in works in Bytes (x)."),
        ("v", "Edit works on Labs (3)."),
        ("left", ""),
        ("l", ""),
        ("0", ""),
        ("quotation_mark", ""),
    ],
)
def test_a_key_without_effect_says_why_or_where_it_works(key: str, told: str) -> None:
    assert why_idle(key, {"lab_touch": "nothing to touch"}) == told
