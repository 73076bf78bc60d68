"""What follows a repeating key: at once, then at a limited rate, and always after the last one."""

from collections.abc import Callable

from mmexplorer.ui.refresh import Paced


def test_the_first_is_done_at_once_and_of_those_in_the_pause_the_last() -> None:
    done: list[int] = []
    waiting: list[Callable[[], None]] = []
    keys: list[int] = []
    paced = Paced(lambda: done.append(keys[-1]), lambda _seconds, call: waiting.append(call), seconds=0.1)

    def press(key: int) -> None:
        keys.append(key)
        paced.ask()

    for key in (1, 2, 3, 4):
        press(key)
    assert done == [1]
    waiting.pop()()
    assert done == [1, 4]
    waiting.pop()()
    assert done == [1, 4]
    assert not waiting
    press(5)
    assert done == [1, 4, 5]


def test_while_it_is_asked_for_in_every_pause_it_waits_for_some_of_them_and_no_longer() -> None:
    done: list[int] = []
    waiting: list[Callable[[], None]] = []
    keys: list[int] = []
    paced = Paced(lambda: done.append(keys[-1]), lambda _seconds, call: waiting.append(call), seconds=0.1, pauses=3)

    def press(key: int) -> None:
        keys.append(key)
        paced.ask()

    press(1)
    for key in range(2, 9):
        press(key)
        waiting.pop()()
    assert done == [1, 4, 7]
    waiting.pop()()  # nothing was asked for meanwhile
    assert done == [1, 4, 7, 8]
    waiting.pop()()
    assert not waiting
