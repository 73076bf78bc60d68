"""The lab process: our own child, the only process that is changed."""
