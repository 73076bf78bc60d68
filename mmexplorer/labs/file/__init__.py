"""A lab from a TOML file: the same data as in `labs/chapter/`, read without executing any of it.

`lines.py` finds the line of each value, `values.py` reads values of the right type, `conditions.py` the conditions of
checks, `operations.py` the operations allowed, and `build.py` makes the lab.
"""
