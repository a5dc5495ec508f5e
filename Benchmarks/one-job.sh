#!/usr/bin/env bash
# CPU per request of `GET /v1/jobs/{id}` through a one-worker gateway in front of a canned upstream.
# The gateway has a core of its own; the load generator and the upstream share the other.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/protos-common.sh

bin=${SCRATCH:-.build}/release
seconds=${SECONDS_PER_RUN:-5}
runs=${RUNS:-5}
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

# start LOG COMMAND...: runs it in the background and prints the address that it listens on.
start() {
    : >"$work/$1"
    "${@:2}" >>"$work/$1" 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        address=$(sed -n 's/.*listening on //p' "$work/$1")
        [[ -n $address ]] && return
        sleep 0.05
    done
    cat "$work/$1" >&2
    exit 1
}

prepare_venv
"$python" -m grpc_tools.protoc --descriptor_set_in="$descriptor_set" \
    --encode=viam.app.mltraining.v1.GetTrainingJobResponse viam/app/mltraining/v1/ml_training.proto \
    <Benchmarks/answers/get-job.txtpb >"$work/job.binpb"

method=/viam.app.mltraining.v1.MLTrainingService/GetTrainingJob
start upstream taskset -c 0 "$bin/canned-upstream" --listen 127.0.0.1:0 --answer "$method=$work/job.binpb"
start gateway taskset -c 1 "$bin/mltraining-gateway" serve --listen 127.0.0.1:0 --admin-listen off --workers 1 --upstream "http://$address"
gateway=${pids[-1]}
url=http://$address/v1/jobs/65f0c0ffee65f0c0ffee65f0

curl -sf "$url" | tee "$work/answer" >/dev/null
echo "$(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
echo "answer: $(wc -c <"$work/answer") bytes of JSON; wrk -t1 -c64, $runs runs of $seconds s"

ticks() { awk '{ print $14 + $15 }' "/proc/$gateway/stat"; }
taskset -c 0 wrk -t1 -c64 -d1 "$url" >/dev/null
for ((run = 0; run < runs; run++)); do
    before=$(ticks)
    taskset -c 0 wrk -t1 -c64 -d"$seconds" "$url" >"$work/wrk"
    after=$(ticks)
    if grep -E 'Socket errors|Non-2xx' "$work/wrk" >&2; then exit 1; fi
    awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '
        / requests in / { requests = $1 }
        /Requests\/sec/ { rate = $2 }
        END { printf "%.1f CPU-us a request, %d requests/s\n", ticks / hz * 1e6 / requests, rate }' "$work/wrk"
done | tee "$work/results"
sort -n "$work/results" | awk '{ value[NR] = $1 } END { print "median: " value[int((NR + 1) / 2)] " CPU-us a request" }'
awk '/VmHWM/ { print "peak memory: " $2 / 1024 " MiB" }' "/proc/$gateway/status"
