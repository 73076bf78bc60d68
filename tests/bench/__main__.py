"""`python -m tests.bench`: our speed compared with that of the alternatives, in one run.

Figures depend on the machine and its load; only the ratios count, which are taken round by round. The last table
compares what was measured with its bounds.
"""

import argparse

from tests.bench.report import Report
from tests.bench.rows import ROWS, Options


def main() -> None:
    """Measure everything, or what was requested."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*ROWS, []], help="all without it")
    parser.add_argument("--rounds", type=int, default=9, help="of what takes less than a second (default 9)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each of three turns of CPU time (default 5)")
    parser.add_argument("--idle", type=float, default=0.0, help="minutes after which memory is looked at again")
    arguments = parser.parse_args()
    report = Report()
    try:
        for name, row in ROWS.items():
            if name in arguments.what or not arguments.what:
                row(report, Options(arguments.rounds, arguments.seconds, arguments.idle))
    finally:
        report.summary()


if __name__ == "__main__":
    main()
