"""A lab given as a file."""

from mmexplorer.commands.shared.exit import WRONG_USAGE, CommandFailure
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.files import open_regular
from mmexplorer.labs.file.build import MOST_BYTES, lab_from
from mmexplorer.labs.file.values import LabFileError
from mmexplorer.labs.lab import Lab
from mmexplorer.model.unavailable import Unavailable


def lab_of_file(path: str) -> Lab:
    """Read a lab. Raises CommandFailure, with the line number of an error in it."""
    data = _bytes(path)
    try:
        return lab_from(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CommandFailure(f"{path}, line {line}: this isn't UTF-8", WRONG_USAGE) from None
    except LabFileError as error:
        place = f"{path}, line {error.line}" if error.line else path
        raise CommandFailure(f"{place}: {error.sentence}", WRONG_USAGE) from None


def _bytes(path: str) -> bytes:
    """Read the file; if it is too large, only as much as shows that."""
    opened = open_regular(path, "a lab file")
    if isinstance(opened, Unavailable):
        raise CommandFailure(f"{path}: {opened}")
    with opened:
        try:
            return opened.read(0, min(opened.size, MOST_BYTES + 1))
        except OSError as error:
            raise CommandFailure(f"{path}: {unavailable(error)}") from None
