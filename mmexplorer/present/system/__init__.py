"""What System shows: free, sar, the OOM killer's ranking, settings."""
