"""The files of one process: /proc/PID/maps and its neighbours."""
