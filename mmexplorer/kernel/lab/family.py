"""What a lab process has made: further processes and program files, and all of them measured together."""

from dataclasses import replace

from mmexplorer.kernel.lab.measurement import measure
from mmexplorer.kernel.lab.program import program_file, running_program
from mmexplorer.kernel.pagemap import read_frames
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable


class Family:
    """Remembers, from the replies, the other processes and the open program files of one lab process."""

    def __init__(self) -> None:
        self._pids: dict[str, int] = {}
        self._files: dict[str, int] = {}

    def clear(self) -> None:
        """Forget all: the lab process is another one, and those it made have ended with it."""
        self._pids.clear()
        self._files.clear()

    def note(self, operation: Operation, reply: LabReply) -> None:
        """Learn from an operation that was done."""
        if "pid" in reply.figures:
            self._pids[str(operation.arguments["name"])] = reply.figures["pid"]
        elif "descriptor" in reply.figures:
            self._files[str(operation.arguments["name"])] = reply.figures["descriptor"]
        elif operation.name == "end":
            self._pids.pop(str(operation.arguments["of"]), None)

    def measured(self, pid: int, watched: Range | None, program: str) -> Measurement | Unavailable:
        """Look at the lab process and at the others; `program` as `Step.program` names it."""
        own = measure(pid, watched)
        if isinstance(own, Unavailable):
            return own
        if not self._pids and not program:
            return own
        others = {name: _with_frames(measure(other, watched), other, watched) for name, other in self._pids.items()}
        read = self._program(pid, program, others)
        return replace(_framed(own, pid, watched), others=others, program=read)

    def _program(
        self, pid: int, name: str, others: dict[str, Measurement | Unavailable]
    ) -> Program | Unavailable | None:
        running = others.get(name)
        if isinstance(running, Measurement):
            return running_program(self._pids[name], running)
        return program_file(pid, self._files[name]) if name in self._files else running


def _with_frames(measured: Measurement | Unavailable, pid: int, watched: Range | None) -> Measurement | Unavailable:
    return measured if isinstance(measured, Unavailable) else _framed(measured, pid, watched)


def _framed(measured: Measurement, pid: int, watched: Range | None) -> Measurement:
    return measured if watched is None else replace(measured, frames=read_frames(pid, watched))
