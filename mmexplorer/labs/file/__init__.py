"""A lab from a file in TOML: the same data as in `labs/chapter/`, read without running anything of it.

`lines.py` finds the line that each value stands on, `values.py` reads values of the right kind, `conditions.py` what a
check asks, `operations.py` what may be done, and `build.py` makes the lab.
"""
