"""A stylesheet that parses each source only once, and says which widgets a class of the screen concerns."""

from textual.css.model import RuleSet, SelectorType
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

    def subjects(self, prefix: str) -> frozenset[str]:
        """Return what is styled by rules with a class that begins with `prefix`: ids as `#name`, classes, types."""
        return frozenset(name for rule in self.rules if _has_class(rule, prefix) for name in rule.selector_names)


def _has_class(rule: RuleSet, prefix: str) -> bool:
    selectors = (selector for each in rule.selector_set for selector in each.selectors)
    return any(each.type is SelectorType.CLASS and each.name.startswith(prefix) for each in selectors)
