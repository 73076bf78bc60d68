"""`python -m mmexplorer` is the `mmexplorer` command."""

import sys

from mmexplorer.cli import main

if __name__ == "__main__":
    sys.exit(main())
