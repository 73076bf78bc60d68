"""Screens are laid out for the size that the terminal has now."""

from textual.geometry import Size


class CurrentSize:
    """A base of screens, ahead of Textual's.

    Laying out for a new size sends the screen that size again. Of two on their way, as after quick changes, each would
    be laid out because of the other for ever.
    """

    def _screen_resized(self, size: Size) -> None:
        if size == self.app.size:  # type: ignore[attr-defined] # a screen's
            super()._screen_resized(size)  # type: ignore[misc] # a screen's
