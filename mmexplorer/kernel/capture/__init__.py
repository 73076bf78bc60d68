"""Sources that are not alive: a capture, a core file, a pasted text; and the recorder that makes a capture."""
