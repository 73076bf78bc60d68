"""Sources that aren't live (a capture, a core file, a pasted text), and the recorder that makes captures."""
