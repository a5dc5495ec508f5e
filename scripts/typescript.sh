#!/usr/bin/env bash
# usage: typescript.sh GATEWAY write|check
#
# Writes the TypeScript client of the ML training API, or proves that the committed one is what the gateway prints.
set -euo pipefail
gateway=$(realpath "$1")
cd "$(dirname "$0")/.."
committed=openapi/mltraining.ts
again=$(mktemp)
trap 'rm -f "$again"' EXIT

"$gateway" typescript >"$again"
case $2 in
    write)
        mkdir -p openapi
        cat "$again" >"$committed"
        ;;
    check)
        if ! diff -u "$committed" "$again"; then
            echo "error: $committed is not what the gateway prints" >&2
            echo "run 'make typescript' and commit what it makes" >&2
            exit 1
        fi
        ;;
esac
