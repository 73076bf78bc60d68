"""A key that does nothing says why."""

import pytest

from mmexplorer.ui.explore.idle_keys import Possible, refusals, why_idle


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


ALL = Possible(live=True, past=True, record=True, compare=True, back=True, unmap=True)


def test_no_action_is_refused_when_everything_is_possible() -> None:
    assert refusals(ALL) == {}


def test_a_file_refuses_what_needs_a_live_process() -> None:
    refused = refusals(ALL._replace(live=False, past=False))
    assert refused["pause"] == refused["lab_map"] == "A file has no live process."
    assert refused["moment"] == "The file is one moment."


def test_without_a_mapping_only_touching_and_unmapping_are_refused() -> None:
    assert set(refusals(ALL._replace(unmap=False))) == {"lab_touch", "lab_unmap"}
