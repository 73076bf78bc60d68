"""Terminal input, thinned out before each character is parsed."""

from textual.events import Key, MouseDown, MouseMove, MouseScrollDown, MouseUp, Paste, Resize
from textual.geometry import Size
from textual.message import Message

from mmexplorer.ui.terminal.driver import _Reader
from mmexplorer.ui.terminal.events import PASTE_AT_MOST, Waiting

ENOUGH = 1 << 10


def messages(*texts: bytes) -> list[Message]:
    reader = _Reader()
    return [message for text in texts for message in reader.messages(text)]


def report(code: int, x: int, end: str = "M") -> bytes:
    return f"\x1b[<{code};{x};5{end}".encode()


def test_of_a_flood_of_moves_only_the_last_place_is_left() -> None:
    found = messages(b"".join(report(35, x) for x in range(1, 2000)) + b"q")
    assert [type(each) for each in found] == [MouseMove, Key]
    assert isinstance(found[0], MouseMove)
    assert found[0].x == 1998


def test_of_a_flood_of_clicks_and_scrolling_a_part_is_left() -> None:
    clicks = messages(b"".join(report(0, 3) + report(0, 3, "m") for _ in range(2000)))
    assert 0 < len(clicks) < ENOUGH
    assert isinstance(clicks[-1], MouseUp), "a button would stay down"
    scrolls = messages(b"".join(report(65, 3) for _ in range(2000)))
    assert all(isinstance(each, MouseScrollDown) for each in scrolls)
    assert 0 < len(scrolls) < ENOUGH


def test_a_few_reports_are_all_left() -> None:
    assert len(messages(b"".join(report(35, x) for x in range(1, 20)))) == 19


def test_a_paste_is_cut_wherever_its_marks_are_split() -> None:
    pasted = b"\x1b[200~" + b"x" * (PASTE_AT_MOST * 3) + b"\x1b[201~q"
    for size in (1, 7, 4095, len(pasted)):
        found = messages(*(pasted[at : at + size] for at in range(0, len(pasted), size)))
        assert isinstance(found[0], Paste)
        assert len(found[0].text) == PASTE_AT_MOST
        assert [each.key for each in found[1:] if isinstance(each, Key)] == ["q"]


def test_a_small_paste_is_whole() -> None:
    (found,) = messages(b"\x1b[200~perm:rw\x1b[201~")
    assert isinstance(found, Paste)
    assert found.text == "perm:rw"


def test_a_paste_without_marks_is_the_begin_of_it() -> None:
    found = messages(*[b"abcdefgh" * 511] * 100, b"q")
    assert 0 < len(found) < ENOUGH
    assert isinstance(found[-1], Key)
    assert found[-1].key == "q"


def test_the_key_that_comes_with_the_end_of_such_a_paste_is_seen() -> None:
    found = messages(*[b"abcdefgh" * 511] * 10, b"abcdefgh" * 300 + b"\x1b[A")
    keys = [each.key for each in found if isinstance(each, Key)]
    assert keys[-1] == "up"
    assert len(keys) <= 65


def test_only_an_escape_that_may_go_on_is_waited_for() -> None:
    reader = _Reader()
    assert not reader.waits
    for text, waits in ((b"j", False), (b"\x1b", True), (b"[B", False), (b"\x1b[200~x", False), (b"\x1b[201~", False)):
        reader.messages(text)
        assert reader.waits is waits, text


def test_what_is_not_utf8_is_a_character_and_no_exception() -> None:
    found = messages(b"\xff\xfe\xc3(\x80", b"q")
    assert [each.character for each in found if isinstance(each, Key)][-1] == "q"


def test_what_waits_is_bounded_and_the_last_word_counts() -> None:
    waiting = Waiting()
    for _ in range(5000):
        waiting.put(Key("a", "a"))
    for size in range(1, 5000):
        waiting.put(Resize(Size(size, 1), Size(size, 1)))
    found = waiting.take(5000)
    assert len(found) < ENOUGH
    assert isinstance(found[-1], Resize)
    assert found[-1].size.width == 4999
    assert waiting.take(5000) == []


def test_a_button_that_is_left_out_is_not_released_either() -> None:
    waiting = Waiting()
    for _ in range(500):
        waiting.put(mouse(MouseDown))
        waiting.put(mouse(MouseUp))
    found = waiting.take(5000)
    assert [type(each) for each in found] == [MouseDown, MouseUp] * (len(found) // 2)
    assert 0 < len(found) < ENOUGH


def mouse(kind: type[MouseDown | MouseUp]) -> Message:
    return kind(None, 1, 1, 0, 0, 1, shift=False, meta=False, ctrl=False)
