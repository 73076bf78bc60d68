"""The texts at the edges of panes and screens."""

import pytest

from mmexplorer.present.text.border import (
    FooterKey,
    footer_line,
    hint,
    key_at,
    keys_that_fit,
    noted_hint,
    tab_at,
    tab_line,
    tabs_in_sight,
)
from mmexplorer.present.text.line import line, plain

KEYS = (FooterKey("/", "Filter"), FooterKey("m", "mmap"), FooterKey("q", "Quit", everywhere=True))
WHOLE = " / Filter  m mmap  q Quit "


@pytest.mark.parametrize(
    ("width", "written"),
    [
        (len(WHOLE), WHOLE),
        (len(WHOLE) - 1, " / Filter  q Quit "),
        (len(" / Filter  q Quit "), " / Filter  q Quit "),
        (len(" / Filter  q Quit ") - 1, " q Quit "),
        (0, " q Quit "),
    ],
)
def test_keys_leave_the_footer_whole_and_those_of_every_screen_stay(width: int, written: str) -> None:
    assert plain(footer_line(keys_that_fit(KEYS, width))) == written


def test_a_key_that_has_no_room_does_not_make_room_for_the_next() -> None:
    keys = (FooterKey("a", "a long label"), FooterKey("b", "b"))
    assert keys_that_fit(keys, keys[1].width) == ()


def test_what_is_clicked_in_a_row_of_tabs_or_in_a_hint() -> None:
    tabs = (("a", "One"), ("b", "Two"))
    assert plain(tab_line(tabs, "a")) == "One │ Two"
    assert [tab_at(tabs, x) for x in (-1, 0, 2, 3, 5, 6, 8, 9)] == [None, "a", "a", None, None, "b", "b", None]
    keys = hint((("/", "filter"), ("Enter", "open")))
    assert plain(keys) == "/ filter  Enter open"
    assert [key_at(keys, x) for x in (-1, 0, 7, 10, 19, 20)] == [None, "/", "/", "Enter", "Enter", None]


def test_tabs_without_room_leave_at_the_left_of_the_current_one() -> None:
    names = tuple((name, name.title()) for name in ("region", "changes", "threads", "totals", "pages"))
    assert tabs_in_sight(names, "region", 20) == names
    seen = tabs_in_sight(names, "threads", 30)
    assert plain(tab_line(seen, "threads")) == "… │ Threads │ Totals │ Pages"
    assert tab_at(seen, 0) == "changes"
    assert tabs_in_sight(names, "pages", 200) == names


def test_a_note_is_never_cut_for_the_keys_beside_it() -> None:
    note, pairs = line("predict first  "), (("a", "predict"), ("s", "skip"))
    assert plain(noted_hint(note, pairs, 32)) == "predict first  a predict  s skip"
    assert plain(noted_hint(note, pairs, 31)) == "predict first  a predict"
    assert plain(noted_hint(note, pairs, 20)) == "predict first  "
