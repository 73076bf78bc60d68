"""The System screen: the machine's memory."""
