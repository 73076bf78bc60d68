"""How commands that print a table interpret `--sort` and `--filter`."""

from argparse import Namespace
from collections.abc import Sequence

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.model.query import Query, QueryError, Vocabulary, parse_query
from mmexplorer.model.typed import Any
from mmexplorer.present.text.column import Column

_WRONG_USAGE = 2


def sort_keys(columns: Sequence[Column[Any]]) -> list[str]:
    """Return the keys of the sortable columns."""
    return [column.key for column in columns if column.sort is not None]


def sort_in(arguments: Namespace, columns: Sequence[Column[Any]], usual: str) -> tuple[str, bool]:
    """Return the column's key, `usual` if none was named, and whether the order is descending."""
    key = arguments.sort or usual
    descending = next(column.descending for column in columns if column.key == key)
    return key, descending is not arguments.reverse


def filter_in(text: str, vocabulary: Vocabulary) -> Query:
    """Parse a filter. Raises CommandFailure with the status for wrong usage."""
    query = parse_query(text, vocabulary)
    if isinstance(query, QueryError):
        raise CommandFailure(f"--filter, at {query.position + 1}: {query.sentence}", _WRONG_USAGE)
    return query
