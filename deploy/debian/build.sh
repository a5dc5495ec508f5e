#!/usr/bin/env bash
# Packs both executables for Debian: deploy/debian/build.sh GATEWAY LOCAL DIRECTORY
#
# They should be release builds with --static-swift-stdlib, so that nothing but Debian's own libraries is needed; those
# become the packages' dependencies. The version is the gateway's own. Builds of the same executables are alike if they
# are of the same commit, or have the same SOURCE_DATE_EPOCH. Sources that came without git, as an archive, have the
# time of Package.swift instead.
set -euo pipefail
gateway=$(realpath "$1")
local_service=$(realpath "$2")
mkdir -p "$3"
output=$(realpath "$3")
cd "$(dirname "$0")/.."

version=$("$gateway" --version | awk '{ print $2 }')
# The checkout may be another user's.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' log -1 --format=%ct 2>/dev/null ||
    stat --format=%Y ../Package.swift)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# dpkg-buildpackage wants the sources in a folder that is its own, and leaves the packages beside it.
source=$work/source
mkdir -p "$source/bin"
cp -r debian systemd "$source"
rm "$source/debian/build.sh"
cp "$gateway" "$source/bin/mltraining-gateway"
cp "$local_service" "$source/bin/mltraining-local"
cp systemd/* "$source/debian"
maintainer=$(sed -n 's/^Maintainer: //p' debian/control)
cat >"$source/debian/changelog" <<EOF
mltraining-gateway ($version) unstable; urgency=medium

  * Built from the sources of this version.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF
cd "$source"
# No packages of debugging symbols: executables are stripped, and backtraces name functions from the build that is kept.
# Nothing is compiled, so the compilers of build-essential, which every package is taken to want, need not be there.
DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage --build=binary --no-sign --ignore-builtin-builddeps
mv "$work"/*.deb "$output"
