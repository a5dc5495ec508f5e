#!/usr/bin/env bash
# Proves that what is committed was made from the committed .proto files: the descriptor set by making it
# again, the generated Swift (whose plugins take a while to build) by the checksums that protos.sh noted.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/protos-common.sh

stale=0
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

prepare_venv
"$python" scripts/descriptor_set.py "$protos" "$again/set.binpb"
if ! cmp "$again/set.binpb" "$descriptor_set"; then
    echo "error: $descriptor_set was not made from these .proto files" >&2
    stale=1
fi

print_manifest >"$again/manifest"
if ! diff "$manifest" "$again/manifest"; then
    echo "error: $generated was not made from these .proto files" >&2
    stale=1
fi

if [ "$stale" -ne 0 ]; then
    echo "run 'make protos' and commit what it makes" >&2
    exit 1
fi
echo "descriptor set and generated Swift match their .proto files"
