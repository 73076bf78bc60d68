"""Whether there is something to read from a descriptor."""

import select


def readable(descriptor: int, seconds: float = 0.0) -> bool:
    """Wait so long until there is; poll(2) takes any descriptor, select(2) only the first 1,024."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
