"""A message that goes straight to the next ancestor that listens to it."""

from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump

from mmexplorer.ui.messages import listens


class DirectMessage(Message):
    """Skips the widgets that don't listen: each would take as long as painting a line."""

    def send(self, sender: DOMNode) -> None:
        """Post the message to `sender` or its next ancestor that listens."""
        self._bubble_to(sender)

    def _bubble_to(self, widget: MessagePump) -> None:
        heard = widget if isinstance(widget, DOMNode) else None
        told = type(self)
        while heard is not None and heard.is_running and not listens(type(heard), told):  # type: ignore[arg-type] # classes can be keys
            heard = heard.parent
        if heard is not None:
            super()._bubble_to(heard)
