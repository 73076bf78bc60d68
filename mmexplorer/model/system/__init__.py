"""The machine's memory as values: meminfo, sar, OOM ranking, cgroups, pressure."""
