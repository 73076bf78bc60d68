"""A message that goes straight to the next ancestor that listens to it."""

from functools import cache

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump


@cache
def _listens(pump: type[MessagePump], message: type[Message]) -> bool:
    """Return whether a class has a handler for such messages, by name or by `on`, for which nothing public says so."""
    names = (message.handler_name, f"_{message.handler_name}")
    return any(
        any(name in each.__dict__ for name in names)
        or any(told in each.__dict__.get("_decorated_handlers", ()) for told in message.__mro__)
        for each in pump.__mro__
    )


class DirectMessage(Message):
    """Skips the ancestors that don't listen: each would take as long as painting a line."""

    def _bubble_to(self, widget: MessagePump) -> None:
        heard = widget if isinstance(widget, DOMNode) else None
        told = type(self)
        while heard is not None and heard.is_running and not _listens(type(heard), told):  # type: ignore[arg-type] # classes can be keys
            heard = heard.parent
        if heard is not None:
            super()._bubble_to(heard)
