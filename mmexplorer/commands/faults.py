"""`mmexplorer faults PID [--for 5s]`: where a process's page faults occur, and who maps memory."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.inspected import Inspected, inspect
from mmexplorer.commands.shared.names import names
from mmexplorer.kernel.process.faults import DEFAULT_PERIOD, FaultTracer
from mmexplorer.model.memory.faults import FaultTrace, grouped
from mmexplorer.present.json.faults import faults_document
from mmexplorer.present.memory.faults import cost_line, fault_lines
from mmexplorer.present.region.names import region_names
from mmexplorer.present.text.clean import clean

_SECONDS = 5.0
_LONGEST = 3600.0
_PERIOD_AT_MOST = 1 << 20
_DEPTH = 6


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process, the duration, and how many faults a sample represents."""
    parser.add_argument("pid", metavar="PID|NAME", help="the process")
    parser.add_argument("--for", dest="seconds", type=_seconds, default=_SECONDS, metavar="S", help="5s, the default")
    parser.add_argument(
        "--every", type=_period, default=DEFAULT_PERIOD, metavar="N", help=f"record one fault in N ({DEFAULT_PERIOD})"
    )


def run(arguments: Namespace) -> int:
    """Record, then print. Raises CommandFailure if the kernel refuses."""
    inspected = inspect(arguments.pid)
    inspected.live_procfs("makes no page faults")  # before the cost is told
    print(f"mmexplorer: {cost_line(arguments.every, arguments.seconds)}", file=sys.stderr)
    trace = _traced(inspected, arguments.every, arguments.seconds)
    after = _again(inspected)
    groups = grouped(trace.samples, region_names(after.space, trace.mappings), names(after), _DEPTH)
    if arguments.json:
        print(faults_document(inspected.pid, trace, groups))
        return DONE
    for text in fault_lines(trace, groups):
        print(clean(text))
    return DONE


def _traced(inspected: Inspected, period: int, seconds: float) -> FaultTrace:
    with FaultTracer(inspected.procfs, inspected.memory_pid, period) as tracer:
        refusal = tracer.start()
        if refusal is not None:
            raise CommandFailure(f"{inspected.pid}: {refusal}")
        try:
            tracer.wait(seconds)
        except KeyboardInterrupt:
            # As in perf: what was recorded so far is shown.
            print(file=sys.stderr)
        return tracer.result()


def _again(inspected: Inspected) -> Inspected:
    """Look again, to include new regions; if the process has ended, keep the first look."""
    try:
        return inspect(str(inspected.pid))
    except CommandFailure:
        return inspected


def _seconds(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds <= _LONGEST:
        raise ArgumentTypeError(f"not a number of seconds up to {_LONGEST:.0f}: {text!r}")
    return seconds


def _period(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_PERIOD_AT_MOST))):
        raise ArgumentTypeError(f"not a number of faults: {text!r}")
    if not 0 < int(text) <= _PERIOD_AT_MOST:
        raise ArgumentTypeError(f"not a number from 1 to {_PERIOD_AT_MOST:,}: {text!r}")
    return int(text)
