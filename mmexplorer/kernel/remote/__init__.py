"""Files on file systems that may not respond, read by a process that can wait in our place."""
