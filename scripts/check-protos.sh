#!/usr/bin/env bash
# Proves that what is committed was made from the committed .proto files: the descriptor sets by making them
# again, the generated Swift (whose plugins take a while to build) by the checksums that protos.sh noted.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/protos-common.sh

stale=0
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

prepare_venv
check_set() {
    "$python" scripts/descriptor_set.py "$1" "$again/set.binpb" "${@:3}"
    if ! cmp "$again/set.binpb" "$2"; then
        echo "error: $2 was not made from the .proto files in $1" >&2
        stale=1
    fi
}
each_descriptor_set check_set

print_manifest >"$again/manifest"
if ! diff "$manifest" "$again/manifest"; then
    echo "error: $generated was not made from these .proto files" >&2
    stale=1
fi

if [ "$stale" -ne 0 ]; then
    echo "run 'make protos' and commit what it makes" >&2
    exit 1
fi
echo "descriptor sets and generated Swift match their .proto files"
