#!/bin/sh
# Writes a capture of one process as a tar to stdout: sh collect.sh PID [MOMENTS [SECONDS]] > x.tar
# It only reads /proc, and makes a folder in TMPDIR that it removes. Written by mmexplorer; read it before you run it.
pid=$1 count=${2:-1} pace=${3:-1}
case $pid in ''|*[!0-9]*) echo "usage: sh -s PID [MOMENTS [SECONDS]]" >&2; exit 2 ;; esac
[ -r "/proc/$pid/stat" ] || { echo "collect: no process $pid" >&2; exit 1; }
umask 077
folder=${TMPDIR:-/tmp}/mmexplorer-collect-$$
mkdir "$folder" && cd "$folder" || exit 1
trap 'cd /; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
quoted() { tr -cd 'A-Za-z0-9 ._:+-'; }
clocks() {
	read -r up rest < /proc/uptime
	printf '"realtime": %s, "monotonic": %s, "boottime": %s' "$(date +%s)" "$up" "$up"
}
# What names the ELF file behind a region: its first 64 KiB, with the headers, and its last 16, with the sections' names.
keep() {
	[ "$(dd if="$1" bs=4 count=1 2>/dev/null | od -An -tx1 | tr -d ' ')" = 7f454c46 ] || return
	size=$(set -f; set -- $(ls -dlnL "$1"); echo "$5")
	case $size in ''|*[!0-9]*) return ;; esac
	head=$size tail=0
	[ "$size" -gt 81920 ] && head=65536 tail=$(((size - 16384) / 512))
	printf '{"path": "%s", "via": "%s", "size": %s, "headers": [0], "parts": [[0, %s]%s]}\n' \
		"$(printf %s "$4" | tr -cd 'A-Za-z0-9 ._:+/@=,~-')" "$2" "$size" "$head" \
		"$([ "$tail" = 0 ] || echo ", [$((tail * 512)), $((size - tail * 512))]")" > "$3"
	if [ "$tail" = 0 ]; then dd if="$1" bs=512 count=160 2>/dev/null
	else dd if="$1" bs=512 count=128 2>/dev/null; dd if="$1" bs=512 skip="$tail" 2>/dev/null; fi >> "$3"
}
keep_files() {
	while read -r range perms offset dev inode path; do
		[ "$inode" != 0 ] && [ -n "$path" ] && [ ! -e "$1/$dev-$inode" ] || continue
		there=$(set -f; set -- $(ls -diL "/proc/$pid/root$path" 2>/dev/null); echo "$1")
		if [ -r "/proc/$pid/map_files/$range" ]; then
			keep "/proc/$pid/map_files/$range" map_files "$1/$dev-$inode" "$path"
		elif [ "$there" = "$inode" ] && [ -f "/proc/$pid/root$path" ] && [ -r "/proc/$pid/root$path" ]; then
			keep "/proc/$pid/root$path" root "$1/$dev-$inode" "$path"
		fi
	done
}
number=0
{
	printf '{"schema": "mmexplorer/capture/1", "host": "%s", "kernel": "%s", "boot_id": "%s", ' \
		"$(uname -n | quoted)" "$(uname -r | quoted)" "$(quoted < /proc/sys/kernel/random/boot_id)"
	printf '"page_size": %s, "clock_ticks": %s, "byte_order": "%s", "machine": "%s", "uid": %s, ' \
		"$(getconf PAGESIZE 2>/dev/null || echo 4096)" "$(getconf CLK_TCK 2>/dev/null || echo 100)" \
		"$(case $(printf '\1\0' | od -An -d | tr -d ' ') in 1) echo little ;; *) echo big ;; esac)" \
		"$(uname -m | quoted)" "$(id -u)"
	printf '"started": {%s}, "users": {}, "options": {"target": "%s"}}\n' "$(clocks)" "$pid"
} > manifest.json
while :; do
	name=$(printf %06d "$number")
	mkdir -p "$name/proc/$pid" "$name/link/$pid" "$name/proc/pressure"
	for file in "$pid/stat" "$pid/statm" "$pid/status" "$pid/cmdline" "$pid/smaps" "$pid/maps" "$pid/auxv" \
		meminfo vmstat swaps zoneinfo pressure/memory; do
		cat "/proc/$file" > "$name/proc/$file" 2>/dev/null || rm -f "$name/proc/$file"
	done
	readlink "/proc/$pid/exe" > "$name/link/$pid/exe" 2>/dev/null || rm -f "$name/link/$pid/exe"
	if [ "$number" = 0 ] && [ -r "$name/proc/$pid/maps" ]; then
		mkdir "$name/files" && keep_files "$name/files" < "$name/proc/$pid/maps"
	fi
	list=$pid
	[ -s "$name/proc/$pid/stat" ] || list=
	printf '{%s, "answers": {"list/": [%s]}}\n' "$(clocks)" "$list" > "$name/moment.json"
	number=$((number + 1))
	[ "$number" -lt "$count" ] && [ -n "$list" ] || break
	sleep "$pace"
done
tar cf - manifest.json 0* && exit 0
exit 1
