"""What a parser returns instead of a value."""

from mmexplorer.model.value import frozen


@frozen
class ParseError:
    """A line that doesn't match its manual page. Returned, never raised."""

    line: bytes
    """The complete offending line, not cleaned."""
    reason: str
    """Lower case, no full stop."""
