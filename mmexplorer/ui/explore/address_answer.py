"""The address the user asked about, and its answer, shown in the details while the cursor is on its region."""

from collections.abc import Callable

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.symbols import Symbol
from mmexplorer.model.memory.inspection import FoundSymbol
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.region import FileId
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.answer import answer_lines, answered_at, place_of, section_of
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.line import Line


class Answer(NamedTuple):
    """What is known about the address."""

    lines: tuple[Line, ...] = ()
    section: int | None = None
    """The index of the section that contains it."""


class AddressAnswer:
    """Keeps the last address asked about. Owned by the screen."""

    def __init__(self, with_sections: Callable[[FileId, ElfImage], ElfImage]) -> None:
        self._with_sections = with_sections
        self._process: ProcessKey | None = None
        self._address = 0
        self._symbol: Symbol | None = None

    def ask(self, process: ProcessKey, address: int) -> None:
        """Ask about this address from now on."""
        self._process, self._address, self._symbol = process, address, None

    def name(self, address: int, found: FoundSymbol | None) -> None:
        """Add the symbol of an address, if it is still the one being asked about."""
        if address == self._address and found is not None:
            self._symbol = found[1]

    def at(self, row: RegionRow | None, space: AddressSpace) -> Answer:
        """Return the answer if the cursor is on the address; for a hole, that is the region below it."""
        if row is None or self._process != space.process.key:
            return Answer()
        place = place_of(self._address, space)
        if row.key != answered_at(place):
            return Answer()
        section = None
        if place.match is not None and place.region is not None and place.region.file is not None:
            image = self._with_sections(place.region.file, place.match.loaded.image)
            section = section_of(place, image.sections)
        return Answer(answer_lines(place, space, section, self._symbol), section.index if section is not None else None)
