"""Which widgets have a handler for a message: most have none, and Textual searches all their classes each time."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

_Methods = Iterable[tuple[type, Callable[[Message], Any]]]


@cache
def listens(pump: type[MessagePump], message: type[Message]) -> bool:
    """Return whether a class has a handler for such messages, by name or by `on`, for which nothing public says so."""
    names = (message.handler_name, f"_{message.handler_name}")
    return any(
        any(name in each.__dict__ for name in names)
        or any(told in each.__dict__.get("_decorated_handlers", ()) for told in message.__mro__)
        for each in pump.__mro__
    )


_search = MessagePump._get_dispatch_methods  # noqa: SLF001 - nothing public comes before the search


def _methods(self: MessagePump, method_name: str, message: Message) -> _Methods:
    return _search(self, method_name, message) if listens(type(self), type(message)) else ()  # type: ignore[arg-type] # classes can be keys


def skip_those_who_dont_listen() -> None:
    """Search for the handlers of a message only where there are any."""
    MessagePump._get_dispatch_methods = _methods  # type: ignore[method-assign] # noqa: SLF001
