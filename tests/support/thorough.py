"""How much is tried: a fifth of it where a person waits for the answer, all of it where CI=true."""

import os

THOROUGH = os.environ.get("CI") == "true"


def times(thorough: int) -> int:
    """How often, or with how many, a test tries what it would try `thorough` times if nobody waited."""
    return thorough if THOROUGH else thorough // 5
