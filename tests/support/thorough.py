"""How many cases to try: a fifth when someone is waiting, all of them if CI=true."""

import os

THOROUGH = os.environ.get("CI") == "true"


def times(thorough: int) -> int:
    """Return how many cases to try, given the `thorough` number."""
    return thorough if THOROUGH else thorough // 5
