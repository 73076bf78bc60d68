"""The machine's memory: meminfo, vmstat, cgroups, the OOM ranking."""
