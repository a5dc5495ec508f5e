#!/usr/bin/env bash
# CPU per request of the gateway, of Envoy's gRPC-JSON transcoder and of grpc-gateway, in front of the same canned upstream.
#
# They take turns within each round, all on one core; the load generator and the upstream share another. One worker each: a
# thread of the gateway, `--concurrency 1` of Envoy, GOMAXPROCS=1 of grpc-gateway. Afterwards each is asked the same
# requests, and what it answers is printed.
#
# GATEWAY and CANNED_UPSTREAM name other executables than those of the last release build.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/protos-common.sh

bin=${SCRATCH:-.build}/release
gateway=${GATEWAY:-$bin/mltraining-gateway}
canned=${CANNED_UPSTREAM:-$bin/canned-upstream}
seconds=${SECONDS_PER_RUN:-3}
rounds=${ROUNDS:-7}
here=Benchmarks/Comparison
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

# start NAME COMMAND...: runs it in the background and waits for the address that it says it listens on, in $address.
start() {
    : >"$work/$1.log"
    "${@:2}" >>"$work/$1.log" 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        address=$(sed -n 's/.*listening on //p' "$work/$1.log" | head -1)
        [[ -n $address ]] && return
        sleep 0.05
    done
    cat "$work/$1.log" >&2
    exit 1
}

# A method and text of its answer to a file of the wire format.
encode() {
    "$python" -m grpc_tools.protoc --descriptor_set_in="$descriptor_set" --encode="viam.app.mltraining.v1.$1" \
        viam/app/mltraining/v1/ml_training.proto
}

prepare_venv
scripts/venv.sh .venv-compare "$here/requirements.txt"
envoy=$(find "$PWD/.venv-compare/lib" -path '*/_bin/envoy' -type f)

job=$(sed -n '/^metadata {/,/^}/p' Benchmarks/answers/get-job.txtpb)
encode GetTrainingJobResponse <<<"$job" >"$work/job"
for _ in {1..10}; do echo "${job/metadata/jobs}"; done | encode ListTrainingJobsResponse >"$work/jobs"
"$python" -m grpc_tools.protoc --descriptor_set_in="$descriptor_set" --encode=google.rpc.Status google/rpc/status.proto \
    google/rpc/error_details.proto >"$work/ended" \
    <<<'code: 9 message: "it has ended"
        details { [type.googleapis.com/google.rpc.PreconditionFailure] { violations { type: "STATUS" } } }'
"$python" "$here/plain_descriptor_set.py" "$descriptor_set" "$work/plain.binpb"
service=/viam.app.mltraining.v1.MLTrainingService
start upstream taskset -c 0 "$canned" --answer "$service/GetTrainingJob=$work/job" \
    --answer "$service/ListTrainingJobs=$work/jobs" --status "$service/GetContainer=5,no container none" \
    --answer "$service/SubmitTrainingJob=/dev/null" --status "$service/CancelTrainingJob=9,it has ended,$work/ended"
upstream=$address

declare -A url process
order=(gateway envoy)
start gateway taskset -c 1 "$gateway" serve --listen 127.0.0.1:0 --admin-listen off --workers 1 \
    --descriptor-set "$work/plain.binpb" --upstream "http://$upstream"
url[gateway]=http://$address process[gateway]=${pids[-1]}

port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -e "s|@PORT@|$port|; s|@UPSTREAM_PORT@|${upstream##*:}|; s|@DESCRIPTOR_SET@|$work/plain.binpb|" "$here/envoy.yaml" \
    >"$work/envoy.yaml"
taskset -c 1 "$envoy" -c "$work/envoy.yaml" --concurrency 1 --disable-hot-restart -l warning >"$work/envoy.log" 2>&1 &
pids+=($!)
url[envoy]=http://127.0.0.1:$port process[envoy]=$!

# grpc-gateway, where Debian's packages of it are installed. They are in GOPATH's layout.
if type go protoc-gen-go protoc-gen-grpc-gateway >/dev/null 2>&1; then
    order+=(grpc-gateway)
    go_path=$work/go
    mkdir -p "$work/made" "$go_path/src/"{training,options,proxy}
    packages=Mmltraining/gateway/v1/options.proto=options,Mviam/app/mltraining/v1/ml_training.proto=training
    for known in timestamp=ptypes/timestamp descriptor=protoc-gen-go/descriptor; do
        packages+=,Mgoogle/protobuf/${known%=*}.proto=github.com/golang/protobuf/${known#*=}
    done
    protoc() { "$python" -m grpc_tools.protoc --descriptor_set_in="$work/plain.binpb" "$@"; }
    protoc --go_out="plugins=grpc,$packages:$work/made" viam/app/mltraining/v1/ml_training.proto
    protoc --go_out="$packages:$work/made" mltraining/gateway/v1/options.proto
    protoc --grpc-gateway_out="$packages,import_path=training:$work/made" viam/app/mltraining/v1/ml_training.proto
    find "$work/made" -name 'ml_training*.go' -exec mv {} "$go_path/src/training" \;
    find "$work/made" -name 'options*.go' -exec mv {} "$go_path/src/options" \;
    sed -i 's/^package viam_app_mltraining_v1$/package training/' "$go_path/src/training"/*.go
    cp "$here/grpc-gateway.go" "$go_path/src/proxy/main.go"
    GO111MODULE=off GOPATH=$go_path:/usr/share/gocode GOCACHE=${GOCACHE:-$work/cache} go build -o "$work/proxy" proxy
    start grpc-gateway taskset -c 1 env GOMAXPROCS=1 "$work/proxy" -upstream "$upstream"
    url[grpc-gateway]=http://$address process[grpc-gateway]=${pids[-1]}
else
    echo "without grpc-gateway: its packages are golang-go, golang-grpc-gateway, protoc-gen-go-1-3 and" \
        "golang-github-grpc-ecosystem-grpc-gateway-dev" >&2
fi

for name in "${order[@]}"; do
    rm -f "$work/answer"
    for _ in {1..100}; do
        curl -sf -o "$work/answer" "${url[$name]}/v1/jobs/a" && break
        sleep 0.1
    done
    [[ -s $work/answer ]] || { cat "$work/$name.log" >&2; exit 1; }
done

versions="Envoy $("$envoy" --version | sed -n 's|.*version: [^/]*/\([^/]*\)/.*|\1|p')"
if [[ -v url[grpc-gateway] ]]; then
    versions+=", grpc-gateway $(dpkg-query -W -f '${Version}' golang-grpc-gateway) with $(go version | cut -d ' ' -f 3)"
fi
echo "$(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1); $versions"
echo "wrk -t1 -c64, $rounds rounds of $seconds s; median [least, most] of the rounds; ratios are medians of the rounds' own"
ticks() { awk '{ print $14 + $15 }' "/proc/${process[$1]}/stat"; }
load() { taskset -c 0 wrk -t1 -c64 -d"$2" "${url[$1]}$target" >"$work/wrk"; }
organization=0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e
for target in /v1/jobs/65f0c0ffee65f0c0ffee65f0 "/v1/jobs?organization_id=$organization" /v1/containers/none; do
    : >"$work/results"
    for name in "${order[@]}"; do load "$name" 1; done
    for ((round = 0; round < rounds; round++)); do
        for name in "${order[@]}"; do
            before=$(ticks "$name")
            load "$name" "$seconds"
            after=$(ticks "$name")
            if grep 'Socket errors' "$work/wrk" >&2; then exit 1; fi
            awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v name="$name" -v round="$round" '
                / requests in / { requests = $1 }
                /Requests\/sec/ { rate = $2 }
                END { print round, name, ticks / hz * 1e6 / requests, rate }' "$work/wrk" >>"$work/results"
        done
    done
    echo
    echo "GET $target"
    python3 - "$work/results" "${order[@]}" <<'PYTHON'
import statistics, sys

rows = [line.split() for line in open(sys.argv[1])]
cost = {name: [float(row[2]) for row in rows if row[1] == name] for name in sys.argv[2:]}
rate = {name: [float(row[3]) for row in rows if row[1] == name] for name in sys.argv[2:]}
for name in sys.argv[2:]:
    ratio = statistics.median(other / ours for other, ours in zip(cost[name], cost["gateway"]))
    times = cost[name]
    print(f"  {name:13} {statistics.median(times):6.1f} CPU-us [{min(times):.1f}, {max(times):.1f}]  "
          f"{statistics.median(rate[name]):7.0f} requests/s  x{ratio:.2f}")
PYTHON
done

echo
for name in "${order[@]}"; do
    awk -v name="$name" '/VmHWM/ { printf "peak memory of %s: %.0f MiB\n", name, $2 / 1024 }' "/proc/${process[$name]}/status"
done

# ask WHAT CURL-ARGUMENTS...: the same of each; the path comes first.
ask() {
    echo
    echo "$1"
    for name in "${order[@]}"; do
        : >"$work/body"
        curl -s --max-time 5 -o "$work/body" -D "$work/header" --path-as-is "${@:3}" "${url[$name]}$2" || true
        fields=$(tr -d '\r' <"$work/header" | grep -iE '^(allow|content-encoding|content-type|etag|location):' | paste -sd ' ')
        [[ ${*:3} == -I ]] && : >"$work/body"
        printf '  %-13s %s | %s | %s\n' "$name" "$(awk 'NR == 1 { print $2 }' "$work/header")" "$fields" \
            "$(head -c 200 "$work/body" | tr -cd '[:print:]')"
    done
}
json=(-H 'Content-Type: application/json' -d)
ask 'GET one job' /v1/jobs/a
ask 'HEAD' /v1/jobs/a -I
ask 'an error of the service' /v1/containers/none
ask 'an error with details' /v1/jobs/a:cancel "${json[@]}" '{}'
ask 'unknown field in the body' /v1/jobs "${json[@]}" '{"orgnizationId": "x"}'
ask 'wrong type in the body' /v1/jobs "${json[@]}" '{"organizationId": "x", "tags": "cat"}'
ask 'the same field in the .proto spelling' /v1/jobs "${json[@]}" '{"organization_id": "x"}'
ask 'what follows the JSON' /v1/jobs "${json[@]}" '{"organizationId": "x"} garbage'
ask 'unknown query parameter' '/v1/jobs?organizatoinId=x'
ask 'query parameter in lowerCamelCase' '/v1/jobs?organizationId=x'
ask 'enum in the query by its short name' '/v1/jobs?organizationId=x&status=in_progress'
ask 'wrong method' /v1/jobs/a -X PUT
ask 'no route' /nope
ask 'an encoded slash' /v1/jobs/a%2Fb
ask 'an id with a colon' /v1/jobs/a:b
ask 'gzip wanted' '/v1/jobs?organizationId=x' -H 'Accept-Encoding: gzip'
ask 'content type that is not JSON' /v1/jobs -H 'Content-Type: text/plain' -d '{}'
ask 'OPTIONS' /v1/jobs/a -X OPTIONS
ask 'a tag that is known' /v1/jobs/a -H 'If-None-Match: "ed881d2e75f953178e0bfd283fb6e047"'
ask 'problem+json' /v1/containers/none -H 'Accept: application/problem+json'
