#!/bin/bash
# Unpacks Debian packages of any architecture into a folder, without touching the system:
# debian-packages.sh FOLDER SUITE NAME:ARCHITECTURE...
# With WITH_DEPENDENCIES=1 also what they depend on: a small system, to run programs in by `debian-root.sh`.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
suite=$2
shift 2
state=$folder/apt
mkdir -p "$state"/{lists/partial,cache/archives/partial,debs} "$folder/root"
: > "$state/status"
uri=$(awk '/^URIs:.*\/debian$/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$state/sources.list"
architectures=()
for architecture in $(printf '%s\n' "${@#*:}" | sort -u); do architectures+=(-o "APT::Architectures::=$architecture"); done
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o Dir::State::status="$state/status" \
    "${architectures[@]}" -o APT::Sandbox::User=root "$@"
}
apt update
if [ -n "${WITH_DEPENDENCIES:-}" ]; then
  apt -y --no-install-recommends -d install "$@"
  mv "$state"/cache/archives/*.deb "$state/debs"
  mkdir -p "$folder"/root/{dev,proc,sys,tmp} "$folder"/root/usr/{bin,lib,lib64,sbin}
  for name in bin lib lib64 sbin; do ln -s "usr/$name" "$folder/root/$name"; done
else
  (cd "$state/debs" && apt download "$@")
fi
for deb in "$state"/debs/*.deb; do dpkg -x "$deb" "$folder/root"; done
# An emulator looks for what a program asks for in the folder, but follows links to where they say.
find "$folder/root" -type l -lname '/*' | while read -r link; do
  ln -sfnr "$folder/root$(readlink "$link")" "$link"
done
rm -rf "$state"
