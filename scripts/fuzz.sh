#!/usr/bin/env bash
# Runs each fuzz target for FUZZ_SECONDS, with AddressSanitizer, starting from the committed corpus.
# What is new goes to .fuzz/corpus, findings to .fuzz/findings. `fuzz.sh minimize` takes what is worth keeping of all
# that into the committed corpus.
#
# FUZZ_TARGETS names the targets, all of them if it is not set.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
read -ra targets <<<"${FUZZ_TARGETS:-json wire path}"
fuzzer=${SCRATCH:-.build}-fuzz/release/fuzz-targets
corpus=Tests/Fuzzing/Corpus
# The backtracer of the Swift runtime can hang in a process that has crashed.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=abort_on_error=1
common=(-max_len=4096 -timeout=10 -rss_limit_mb=2048)

minimize() {
    for target in "${targets[@]}"; do
        mkdir -p ".fuzz/corpus/$target"
        smaller=$(mktemp -d)
        # Without counters: an input stays for what it reaches, not for how often.
        FUZZ_TARGET=$target "$fuzzer" "${common[@]}" -use_counters=0 -set_cover_merge=1 "$smaller" \
            "$corpus/$target" ".fuzz/corpus/$target" >".fuzz/$target-minimize.log" 2>&1
        rm -rf "${corpus:?}/$target"
        mv "$smaller" "$corpus/$target"
        chmod 755 "$corpus/$target"
        echo "$target: $(find "$corpus/$target" -type f | wc -l) files, $(du -sb "$corpus/$target" | cut -f1) bytes"
    done
}

# number NAME LOG: one of libFuzzer's final statistics.
number() { sed -n "s/^stat::$1: *//p" "$2" | tail -1; }

fuzz() {
    local failed=0
    for target in "${targets[@]}"; do
        mkdir -p ".fuzz/corpus/$target" .fuzz/findings
        log=.fuzz/$target.log
        result=clean
        FUZZ_TARGET=$target "$fuzzer" "${common[@]}" -max_total_time="$seconds" -print_final_stats=1 \
            -dict="Tests/Fuzzing/$target.dict" -artifact_prefix=".fuzz/findings/$target-" \
            ".fuzz/corpus/$target" "$corpus/$target" >"$log" 2>&1 || result=FOUND
        # A crash on the committed corpus comes before there is any.
        coverage=$(grep -a -o ' cov: [0-9]*' "$log" | tail -1 | tr -dc '0-9' || true)
        echo "$target: $(number number_of_executed_units "$log") inputs," \
            "$(number average_exec_per_sec "$log") a second, ${coverage:-0} edges: $result"
        if [[ $result == FOUND ]]; then
            failed=1
            # The reason, but not the stack, and no more of the evidence than a screen holds.
            grep -a -E -A3 'Fatal error|ERROR: |SUMMARY: |Test unit written' "$log" | grep -a -v '^ *[0-9#]' |
                cut -c1-500 | head -20 >&2 || true
            echo "look at it with: FUZZ_TARGET=$target $fuzzer FILE; the log is $log" >&2
        fi
    done
    return "$failed"
}

mkdir -p .fuzz
case ${1:-run} in
run) fuzz ;;
minimize) minimize ;;
*)
    echo "usage: fuzz.sh [run|minimize]" >&2
    exit 64
    ;;
esac
