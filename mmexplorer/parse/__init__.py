"""From the kernel's bytes to the model: every parser is total, it gives a value or a ParseError."""
