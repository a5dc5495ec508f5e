#!/usr/bin/env bash
# usage: schemathesis.sh GATEWAY LOCAL [OPTION...]
#
# Runs schemathesis against GATEWAY, with LOCAL behind it, by the document that GATEWAY prints. OPTIONs are those of
# `schemathesis run`, such as --max-examples. GATEWAY_OPTIONS in the environment are for GATEWAY, which documents them too.
set -euo pipefail
gateway=$(realpath "$1")
local_service=$(realpath "$2")
shift 2
cd "$(dirname "$0")/.."
read -r -a options <<<"${GATEWAY_OPTIONS:-}"

folder=$(mktemp -d)
pids=()
# shellcheck disable=SC2317 # called by the trap
stop() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap stop EXIT

# address FILE PATTERN: what PATTERN finds in FILE once it is there.
address() {
    local found
    for _ in $(seq 300); do
        found=$(sed -n "s|.*$2.*|\1|p" "$1" | head -n 1)
        if [ -n "$found" ]; then
            echo "$found"
            return
        fi
        sleep 0.1
    done
    cat "$1" >&2
    echo "error: nothing is listening" >&2
    return 1
}

"$local_service" serve --listen 127.0.0.1:0 --data-dir "$folder/data" >"$folder/local.log" 2>&1 &
pids+=($!)
upstream=$(address "$folder/local.log" '\(127\.0\.0\.1:[0-9][0-9]*\)')
"$gateway" serve --listen 127.0.0.1:0 --admin-listen off --upstream "http://$upstream" --workers 1 \
    "${options[@]}" >"$folder/gateway.log" 2>&1 &
pids+=($!)
front=$(address "$folder/gateway.log" '\(127\.0\.0\.1:[0-9][0-9]*\)')
"$gateway" openapi --format json "${options[@]}" >"$folder/openapi.json"

root=$PWD
# It leaves a folder where it runs.
cd "$folder"
"$root/.venv-tests/bin/schemathesis" --config-file "$root/scripts/schemathesis.toml" run openapi.json --origin "http://$front" \
    --continue-on-failure --warnings off --generation-database none "$@"
