#!/bin/bash
# Runs a program in a folder that `debian-packages.sh` filled: debian-root.sh ROOT SHARED[:SHARED...] PROGRAM [ARGUMENT...]
# The shared folders have the same paths inside. Needs root; what it mounts, nobody else sees, and it goes when the program ends.
set -euo pipefail
if [ "${INSIDE:-}" != 1 ]; then
  INSIDE=1 exec unshare --mount bash "$0" "$@"
fi
root=$1
IFS=: read -ra shared <<< "$2"
shift 2
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount --rbind /sys "$root/sys"
for folder in "${shared[@]}"; do
  mkdir -p "$root$folder"
  mount --bind "$folder" "$root$folder"
done
unset INSIDE
exec chroot "$root" /usr/bin/env --chdir="$PWD" "$@"
