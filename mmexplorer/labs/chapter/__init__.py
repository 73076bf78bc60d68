"""The labs, one a module; `labs/__init__.py` says how one is written."""
