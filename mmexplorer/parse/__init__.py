"""Parsers from the kernel's bytes to the model. They never raise: each returns a value or a ParseError."""
