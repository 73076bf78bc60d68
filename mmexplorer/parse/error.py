"""What a parser gives instead of a value."""

from mmexplorer.model.value import frozen


@frozen
class ParseError:
    """A line that isn't what its manual page says. Returned, never raised: parsers are total."""

    line: bytes
    """The offending line, whole and not cleaned."""
    reason: str
    """Lower case, no full stop."""
