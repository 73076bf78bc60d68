"""How long a test waits."""

PATIENCE = 120.0
"""Seconds to wait for what is bound to happen: only a test that fails takes this long, however slow the machine is."""
