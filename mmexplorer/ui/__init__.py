"""The screens: the only package that imports Textual."""

import sys
from importlib import import_module

if not {"asyncio", "ssl"}.intersection(sys.modules):
    # asyncio imports ssl if there is one, and OpenSSL takes 4 MB. No screen uses a network, so it does here what it
    # does in a Python built without OpenSSL. Whoever needs ssl later can import it.
    sys.modules["ssl"] = None  # type: ignore[assignment] # "not found", as the import system documents it
    try:
        import_module("asyncio")
    finally:
        del sys.modules["ssl"]
