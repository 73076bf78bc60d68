"""The tabs of the details that show what is read for them: pages, their translation, bytes, security, faults."""
