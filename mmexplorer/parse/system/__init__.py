"""The machine's files: /proc/meminfo and its neighbours, its cgroups, the kernel's log."""
