"""Handlers of messages are searched for only where there are any."""

from textual import on
from textual.events import Focus, Idle, Key
from textual.message import Message
from textual.widget import Widget

from mmexplorer.ui.messages import _methods, _named, listens


class Told(Message):
    """A message."""


class ToldMore(Told):
    """A special case of it."""


class Deaf(Widget):
    """Has no handler of its own."""


class Named(Deaf):
    """Has a handler by name."""

    def on_told(self) -> None: ...


class Decorated(Deaf):
    """Has a decorated handler."""

    @on(Told)
    def heed(self) -> None: ...


class Child(Named):
    """Inherits them."""


def test_a_handler_is_found_by_name_or_decoration_also_if_it_is_inherited() -> None:
    found = {
        (pump.__name__, message.__name__)
        for pump in (Deaf, Named, Decorated, Child)
        for message in (Told, ToldMore)
        if listens(pump, message)
    }
    assert found == {("Named", "Told"), ("Child", "Told"), ("Decorated", "Told"), ("Decorated", "ToldMore")}


def test_nothing_that_textual_would_call_is_skipped() -> None:
    for pump in (Deaf(), Named(), Decorated(), Child()):
        for message in (Told(), ToldMore(), Key("j", "j"), Idle(), Focus()):
            name = message.handler_name
            expected = [cls for cls, _ in pump._get_dispatch_methods(name, message)]
            assert [cls for cls, _ in _methods(pump, name, message)] == expected, (pump, message)


class Overriding(Named):
    """Handles it before the class it inherits from, and ends that."""

    def on_told(self) -> None: ...


def test_a_handler_ends_those_of_the_classes_it_inherits_from_as_textual_does() -> None:
    found = []
    for search in (Overriding._get_dispatch_methods, _methods):
        told = Told()
        called = []
        for each, _ in search(Overriding(), "on_told", told):
            called.append(each)
            told.prevent_default()
        found.append(called)
    assert found == [[Overriding], [Overriding]]


def test_the_classes_are_searched_once() -> None:
    _named.cache_clear()
    for _ in range(3):
        assert [each for each, _ in _methods(Child(), "on_told", Told())] == [Named]
    assert _named.cache_info().misses == 1
