"""The machine's memory: /proc/meminfo and its neighbours, cgroups, the kernel's log."""
