"""The lab process: our own child, the only process we modify."""
