"""The tabs of the details that read their own content: pages, address translation, bytes, security, faults."""
