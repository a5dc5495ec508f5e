#!/usr/bin/env bash
# usage: openapi.sh GATEWAY write|check
#
# Writes the OpenAPI documents of the ML training API, or proves that the committed ones are what the gateway says.
set -euo pipefail
gateway=$(realpath "$1")
cd "$(dirname "$0")/.."
stale=0
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT

for format in yaml json; do
    committed=openapi/mltraining.v1.$format
    "$gateway" openapi --format "$format" >"$again/$format"
    case $2 in
        write)
            mkdir -p openapi
            cp "$again/$format" "$committed"
            ;;
        check)
            if ! diff -u "$committed" "$again/$format"; then
                echo "error: $committed is not what the gateway says of itself" >&2
                stale=1
            fi
            ;;
    esac
done
if [ "$stale" -ne 0 ]; then
    echo "run 'make openapi' and commit what it makes" >&2
    exit 1
fi
