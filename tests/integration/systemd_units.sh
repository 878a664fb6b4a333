#!/bin/sh
# The unit files are what systemd understands, hardening included. Exit 77: no systemd-analyze here.
#
#   systemd_units.sh UNITS-DIRECTORY PROGRAMS-DIRECTORY
set -eu
command -v systemd-analyze >/dev/null || { echo "skipped: no systemd-analyze"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for unit in "$1"/*.service; do
    name=$(basename "$unit")
    # The programs as they were built stand for the installed ones, and an instance for the template.
    sed "s#/usr/bin/wanctl#$2/wanctl#" "$unit" >"$work/$(echo "$name" | sed 's/@\.service/@cable.service/')"
done
# Only complaints about our own files count: the machine's other units are none of our business.
complaints=$(systemd-analyze verify "$work"/*.service 2>&1 | grep wanctl || true)
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
grep -L '^RemoveIPC=no' "$1"/*.service | { ! grep .; } || { echo "RemoveIPC=no is missing above"; exit 1; }
echo "verified: $(ls "$1")"
