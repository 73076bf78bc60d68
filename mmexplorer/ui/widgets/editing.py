"""The keys of an input, which take effect in the order they were typed, however fast."""

from textual.dom import DOMNode
from textual.events import Key


async def runs(node: DOMNode, event: Key) -> bool:
    """Run a node's own binding of a key, such as an input's of Backspace; return False if it has none.

    Textual runs it only once the key has bubbled up through every parent: letters typed meanwhile would come first.
    """
    actions = [each.action for each in node._bindings.key_to_bindings.get(event.key, ())]  # noqa: SLF001 - nothing public has them
    return bool(actions) and await node.app.run_action(actions[0], node)
