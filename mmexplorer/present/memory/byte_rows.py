"""Bytes of memory as table rows: in hexadecimal, as words, pointers, strings or instructions."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from mmexplorer.model.memory.bytes import Difference, Origin, Piece, strings_in
from mmexplorer.model.memory.inspection import Compared, Found
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.elf.machine_code import Instruction, disassemble
from mmexplorer.present.region.address import region_phrase
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import address, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_ACROSS = 16
_WORD = 8
_ROWS_AT_MOST = 1 << 14

NOTATIONS = ("hex", "words", "pointers", "strings", "code")
"""In the order in which a key cycles through them."""

_RELATIVE = re.compile(r"\[rip ([+-]) (0x[0-9a-f]+|\d+)\]")
"""An operand in capstone's notation relative to the end of the instruction."""

Name = Callable[[int], str]


def _nothing(_address: int) -> str:
    return ""


class Naming(NamedTuple):
    """What names the bytes and their targets."""

    name: Name
    """Names the target of an address: a symbol, a place in a region; "" if there is none."""
    holder: Name = _nothing
    """Names what begins at an address: a variable, a slot of the GOT."""
    machine: str = ""
    """The machine whose instructions are decoded, as ELF names it."""
    start: int | None = None
    """An address known to be the start of an instruction."""


class ByteRow(NamedTuple):
    """One row."""

    address: int
    content: bytes
    """Empty if the bytes can't be read."""
    note: str = ""
    """A word's target, why bytes are missing, or how they differ from the file. Not cleaned."""
    remedy: str = ""
    """How to show the missing bytes anyway."""
    code: str = ""
    """The instruction."""
    leads: int | None = None
    """The address to go to on Enter."""
    from_file: bool = False
    differs: frozenset[int] = frozenset()
    """The bytes that differ from the file, by index in the row."""
    lit: frozenset[int] = frozenset()
    """The bytes that changed since the previous refresh."""


def byte_rows(compared: Compared, notation: str, naming: Naming, before: Mapping[int, bytes]) -> tuple[ByteRow, ...]:
    """Return the rows. `before`: their contents at the previous refresh, by address."""
    rows = (row for piece in compared.pieces for row in _of_piece(piece, notation, naming))
    marked = _differences(compared.differences)
    return tuple(_marked(row, marked, before) for row, _ in zip(rows, range(_ROWS_AT_MOST), strict=False))


def _of_piece(piece: Piece, notation: str, naming: Naming) -> Iterator[ByteRow]:
    if isinstance(piece.content, Unavailable):
        # The hint names the screen's own key, unlike the one for commands.
        remedy = "X reads it" if piece.content.remedy else ""
        yield ByteRow(piece.range.start, b"", f"{size(piece.range.size)}: {piece.content.reason}", remedy)
        return
    from_file = piece.origin is Origin.FILE
    if notation == "strings":
        for at, text in strings_in(piece.range.start, piece.content):
            yield ByteRow(at, text, from_file=from_file)
        return
    if notation == "code":
        yield from _code(piece, piece.content, naming)
        return
    if notation == "hex":
        for at in _starts(piece.range, _ACROSS):
            yield ByteRow(max(at, piece.range.start), _cut(piece, at, _ACROSS), from_file=from_file)
        return
    for at in _starts(piece.range, _WORD):
        content = _cut(piece, at, _WORD)
        if len(content) == _WORD:
            value = int.from_bytes(content, "little")
            leads = naming.name(value)
            if leads or notation == "words":
                note = f"{leads}{_held_by(naming.holder(at))}" if leads else ""
                yield ByteRow(at, content, note, leads=value if leads else None, from_file=from_file)


def _held_by(holder: str) -> str:
    return f", in {holder}" if holder else ""


def _code(piece: Piece, content: bytes, naming: Naming) -> Iterator[ByteRow]:
    """Decode from the start of the piece, and again from a known start of an instruction."""
    start, from_file = piece.range.start, piece.origin is Origin.FILE
    cut = naming.start if naming.start is not None and start < naming.start < piece.range.end else start
    for first, part in ((start, content[: cut - start]), (cut, content[cut - start :])):
        decoded = disassemble(part, first, naming.machine)
        if isinstance(decoded, Unavailable):
            yield ByteRow(start, b"", str(decoded))
            return
        for each in decoded:
            target = _target(each)
            note = naming.name(target) if target is not None else ""
            leads = target if note else None
            yield ByteRow(
                each.address, each.content, note, code=f"{each.mnemonic} {each.operands}".rstrip(), leads=leads,
                from_file=from_file,
            )  # fmt: skip


def _target(instruction: Instruction) -> int | None:
    """Return the address an instruction jumps to, or accesses relative to itself."""
    operands = instruction.operands
    if operands.startswith("0x"):
        return int(operands, 16) if operands.replace(",", " ").split() == [operands] else None
    relative = _RELATIVE.search(operands)
    if relative is None:
        return None
    distance = int(relative[2], 0) * (1 if relative[1] == "+" else -1)
    return instruction.address + len(instruction.content) + distance


def _starts(part: Range, step: int) -> range:
    return range(part.start // step * step, part.end, step)


def _cut(piece: Piece, at: int, length: int) -> bytes:
    assert isinstance(piece.content, bytes)  # noqa: S101 - for the type checker: asked before
    start = piece.range.start
    return piece.content[max(0, at - start) : at + length - start]


def _differences(found: Iterable[tuple[Difference, str]]) -> Mapping[int, tuple[frozenset[int], str]]:
    """Return which bytes differ in each line of 16, and why."""
    by_row: dict[int, tuple[frozenset[int], str]] = {}
    for difference, why in found:
        for at in (
            difference.range.start,
            *range(difference.range.start // _ACROSS * _ACROSS + _ACROSS, difference.range.end, _ACROSS),
        ):
            row = at // _ACROSS * _ACROSS
            end = min(difference.range.end, row + _ACROSS)
            places = frozenset(range(at, end)) | by_row.get(row, (frozenset(), ""))[0]
            by_row[row] = places, why
    return by_row


def _marked(row: ByteRow, differing: Mapping[int, tuple[frozenset[int], str]], before: Mapping[int, bytes]) -> ByteRow:
    old = before.get(row.address)
    if old is not None and old != row.content:
        lit = frozenset(at for at, (one, other) in enumerate(zip(old, row.content, strict=False)) if one != other)
        row = row._replace(lit=lit)
    places, why = differing.get(row.address // _ACROSS * _ACROSS, (frozenset[int](), ""))
    mine = frozenset(at - row.address for at in places if 0 <= at - row.address < len(row.content))
    return row._replace(differs=mine, note=row.note or f"differs from the file: {why}") if mine else row


def match_rows(matches: Iterable[Found], space: AddressSpace) -> tuple[ByteRow, ...]:
    """Return rows for the matches of a search; Enter goes there."""
    return tuple(
        ByteRow(match.address, b"", f"{region_phrase(match.region, space)}", leads=match.address) for match in matches
    )


_MISSING = line(span("—", Tone.DIM))
_BYTES = 3 * _ACROSS
_PAIRS = 5 * _ACROSS // 2 - 1


def _bytes(row: ByteRow) -> Line:
    if not row.content:
        return line(span(row.note, Tone.DIM))
    parts = []
    for at, byte in enumerate(row.content):
        gap = "" if not at else "  " if at == _ACROSS // 2 else " "
        parts.append(span(f"{gap}{byte:02x}", _tone(row, at, byte)))
    return tuple(parts)


def _pairs(row: ByteRow) -> Line:
    """Write them as xxd(1) does, which leaves room for the text in 80 columns."""
    if not row.content:
        return line(span(row.note, Tone.DIM))
    return tuple(
        span(f"{'' if not at or at % 2 else ' '}{byte:02x}", _tone(row, at, byte))
        for at, byte in enumerate(row.content)
    )


def _tone(row: ByteRow, at: int, byte: int) -> Tone:
    if at in row.lit:
        return Tone.CHANGED
    if at in row.differs:
        return Tone.WARN
    if row.from_file:
        return Tone.FILE
    return Tone.NORMAL if byte else Tone.DIM


def _letters(row: ByteRow) -> Line:
    letters = (chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in row.content)  # noqa: PLR2004 - ASCII
    return line(span("".join(letters)))


def _note(row: ByteRow) -> Line:
    if not row.content:
        return line(span(row.remedy or (row.note if len(row.note) > _BYTES else ""), Tone.DIM))
    return line(span(row.note or ("of the file, not in memory or not dumped" if row.from_file else ""), Tone.DIM))


def _word(row: ByteRow) -> Line:
    if not row.content:
        return _MISSING
    tone = Tone.CHANGED if row.lit else Tone.ACCENT if row.leads is not None else Tone.NORMAL
    return line(span(f"0x{int.from_bytes(row.content, 'little'):016x}", tone))


def _leads(row: ByteRow) -> Line:
    return line(span(f"→ {row.note}")) if row.leads is not None else line(span(_said(row), Tone.DIM))


def _instruction(row: ByteRow) -> Line:
    if not row.content:
        return line(span(_said(row), Tone.DIM))
    return line(span(row.code, Tone.CHANGED if row.lit else Tone.WARN if row.differs else Tone.NORMAL))


def _instruction_bytes(row: ByteRow) -> Line:
    return line(span(row.content.hex(" "), Tone.FILE if row.from_file else Tone.DIM))


def _text(row: ByteRow) -> Line:
    text = row.content.decode("ascii", "replace")
    return line(span(text, Tone.CHANGED if row.lit else Tone.NORMAL) if row.content else span(_said(row), Tone.DIM))


def _said(row: ByteRow) -> str:
    return f"{row.note}; {row.remedy}" if row.remedy else row.note


_ADDRESS: Column[ByteRow] = Column(
    "address", "ADDRESS", 12, lambda row: line(span(address(row.address), Tone.DIM)), frozen=True
)


def _code_leads(row: ByteRow) -> Line:
    return _leads(row) if row.content else EMPTY


_LETTERS: Column[ByteRow] = Column("text", "TEXT", 16, _letters)
_NOTE: Column[ByteRow] = Column("note", "NOTE", 10, _note, flexible=True, priority=1)

BYTE_COLUMNS: Mapping[str, tuple[Column[ByteRow], ...]] = {
    "hex": (
        _ADDRESS,
        Column("bytes", "BYTES", _BYTES, _bytes),
        _LETTERS,
        _NOTE,
    ),
    "pairs": (
        _ADDRESS,
        Column("bytes", "BYTES", _PAIRS, _pairs),
        _LETTERS,
        _NOTE,
    ),
    "words": (_ADDRESS, Column("word", "WORD", 18, _word), Column("leads", "LEADS TO", 12, _leads, flexible=True)),
    "pointers": (
        _ADDRESS,
        Column("word", "POINTER", 18, _word),
        Column("leads", "LEADS TO", 12, _leads, flexible=True),
    ),
    "strings": (_ADDRESS, Column("text", "TEXT", 20, _text, flexible=True)),
    "code": (
        _ADDRESS,
        Column("bytes", "BYTES", 23, _instruction_bytes, priority=1),
        Column("code", "INSTRUCTION", 34, _instruction, wide=46),
        Column("leads", "LEADS TO", 12, _code_leads, flexible=True, wide=34),
    ),
    "matches": (
        _ADDRESS,
        Column("where", "IN", 20, lambda row: line(row.note), flexible=True),
    ),
}


_ROOM = sum(column.width + 1 for column in BYTE_COLUMNS["hex"] if not column.priority) + 2
"""Width of a pane at which hexadecimal leaves room for the text, including the cursor's bar and the header's sign."""


def byte_columns(notation: str, width: int) -> tuple[Column[ByteRow], ...]:
    """Return the columns for a pane of `width` cells."""
    return BYTE_COLUMNS["pairs" if notation == "hex" and width < _ROOM else notation]


def nothing_here(notation: str) -> Line:
    """Say what an empty table means."""
    what = {
        "pointers": "No word in these pages points to a region or a symbol.",
        "strings": "There is no text of four characters or more in these pages.",
    }
    return line(span(what.get(notation, "There are no bytes here."), Tone.DIM))


def bytes_heading(notation: str, name: str, history: int, *, fault_in: bool) -> Line:
    """Describe what is shown and what the keys do."""
    others = " ".join(each if each != notation else f"[{each}]" for each in NOTATIONS)
    read = "  reading faults pages in: the process grows" if fault_in else ""
    back = f"  Backspace returns ({history})" if history else ""
    return line(span(f"{others}  ", Tone.ACCENT), span(name, Tone.BRIGHT), span(back, Tone.DIM), span(read, Tone.WARN))


def search_heading(searched: int, whole: int, found: int, *, ended: str) -> Line:
    """Describe the progress of a search."""
    share = f"{size(searched)} of at most {size(whole)} searched"
    state = ended or "Esc stops"
    return line(span(f"{found:,} found", Tone.BRIGHT), span(f" · {share} · {state}", Tone.DIM))
