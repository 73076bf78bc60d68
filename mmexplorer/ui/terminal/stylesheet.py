"""A stylesheet that parses each source only once."""

from textual.css.stylesheet import Stylesheet


class ParsedOnce(Stylesheet):
    """Keeps parsed rules until the colours change; Textual's own parses them three times before the first frame."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Discard the parsed rules if the colours change."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse new sources; an error in one leaves the rules unchanged."""
        self.parse()
