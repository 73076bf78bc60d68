"""System: the machine's memory."""
