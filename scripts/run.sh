#!/usr/bin/env bash
# Starts the local training service and the gateway in front of it; Ctrl-C stops both.
# LISTEN and UPSTREAM choose other addresses, DATA_DIR another place for the jobs.
set -euo pipefail

bin=${SCRATCH:-.build}/release
listen=${LISTEN:-127.0.0.1:8080}
upstream=${UPSTREAM:-127.0.0.1:50051}
data=${DATA_DIR:-.run/data}
logs=.run
mkdir -p "$data" "$logs"

pids=()
stop() {
    trap - EXIT INT TERM HUP
    # The gateway first, so that it can finish what it has begun.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill -TERM "${pids[i]}" 2>/dev/null && wait "${pids[i]}" 2>/dev/null || true
    done
    echo "stopped"
}
trap 'stop; exit 0' INT TERM HUP
trap stop EXIT

# start LABEL COMMAND...: runs it in the background and waits for its line "… listening on ADDRESS".
start() {
    local log=$logs/$1.log
    : >"$log"
    # In a session of its own, so that Ctrl-C reaches this script alone and the order of stopping is ours.
    setsid "${@:2}" >>"$log" 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        grep -q "^$1 listening on " "$log" && return
        kill -0 "${pids[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "$1 did not start:" >&2
    cat "$log" >&2
    exit 1
}

start mltraining-local "$bin/mltraining-local" serve --listen "$upstream" --data-dir "$data"
start mltraining-gateway "$bin/mltraining-gateway" serve --listen "$listen" --upstream "http://$upstream"

cat <<TEXT

The gateway listens on http://$listen, in front of the training service on $upstream. Try:

  curl -s http://$listen/v1/containers
  curl -s http://$listen/v1/jobs --json '{"organizationId": "0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e", "datasetId": "65f0c0ffee65f0c0ffee65f0", "modelName": "demo", "modelVersion": "1", "modelType": "MODEL_TYPE_SINGLE_LABEL_CLASSIFICATION", "modelFramework": "MODEL_FRAMEWORK_TFLITE", "tags": ["cat"]}'
  curl -s 'http://$listen/v1/jobs?organizationId=0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e'

All that can be asked is at http://$listen/docs, with a form to try it.

Logs are in $logs. Press Ctrl-C to stop both.
TEXT
# Ends when either process does: one without the other is of no use.
wait -n "${pids[@]}" || true
echo "a process has ended by itself; see $logs" >&2
exit 1
