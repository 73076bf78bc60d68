"""The contents of the System screen: free, sar, the OOM killer's ranking, settings."""
