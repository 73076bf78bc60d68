"""What the explorer says about an opened file: what it shows, and how a core ended."""

from collections.abc import Iterator

from mmexplorer.model.capture.core import Core
from mmexplorer.model.process.signals import signal_name
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.capture.core import signal_text
from mmexplorer.present.text.format import address as written
from mmexplorer.present.text.format import date_and_time, number_of
from mmexplorer.present.text.line import Line, Tone, span
from mmexplorer.present.text.wrap import wrapped

NOT_LIVE = "nothing here is live"


class OpenedFile(NamedTuple):
    """A file shown instead of the live machine."""

    title: str
    """Describes it in the header. Not cleaned."""
    verdict: str = ""
    """How a core ended, or what was left out of a text; "" if there is nothing to say."""
    address: int | None = None
    """The address the signal was about, to be marked on the map."""

    def verdict_lines(self, width: int) -> tuple[Line, ...]:
        """Return the lines below the header."""
        mark = (span(" ▸ ", Tone.ERROR),)
        return tuple(wrapped((span(self.verdict, Tone.BRIGHT),), width, mark)) if self.verdict else ()


def opened_core(core: Core, space: AddressSpace) -> OpenedFile:
    """Describe a core file."""
    process, signal = space.process, core.signal
    parts = [f"core of {process.name} ({process.pid})"]
    address = None
    if not isinstance(signal, Unavailable):
        address = signal.address if isinstance(signal.address, int) else None
        parts.append(signal_name(signal.number) + (f" at {written(address)}" if address is not None else ""))
    return OpenedFile(" · ".join([*parts, NOT_LIVE]), " ".join(_verdict(core, space)), address)


def opened_capture(host: str, moments: int, last: float | Unavailable) -> OpenedFile:
    """Describe a capture."""
    until = "" if isinstance(last, Unavailable) else f" up to {date_and_time(last)}"
    return OpenedFile(f"capture of {host} · {number_of(moments, 'moment')}{until} · {NOT_LIVE}")


def opened_text(left_out: int) -> OpenedFile:
    """Describe a pasted text."""
    verdict = f"left out, because not understood: {number_of(left_out, 'line')} of the text" if left_out else ""
    return OpenedFile(f"text · {NOT_LIVE}", verdict)


def _verdict(core: Core, space: AddressSpace) -> Iterator[str]:
    yield signal_text(core, space) + "."
    if core.threads:
        yield f"Thread {core.threads[0].tid}."
