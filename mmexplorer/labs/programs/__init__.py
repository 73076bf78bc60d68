"""The chapter's C programs as data: `labs/c_program.py` reads them."""
