"""Files on file systems that may not answer: looked at by a process that may wait in our place."""
