#!/bin/bash
# Unpacks Debian packages of amd64 and arm64 into a folder, without touching the system:
# debian-packages.sh FOLDER SUITE NAME:ARCHITECTURE...
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
suite=$2
shift 2
state=$folder/apt
mkdir -p "$state"/{lists/partial,cache/archives/partial,debs} "$folder/root"
: > "$state/status"
uri=$(awk '/^URIs:.*\/debian$/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$state/sources.list"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o Dir::State::status="$state/status" \
    -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$state/debs" && apt download "$@")
for deb in "$state"/debs/*.deb; do dpkg -x "$deb" "$folder/root"; done
rm -rf "$state"
