#!/usr/bin/env bash
# Tests all that is under deploy/, with a line for each check: deploy/test.sh [PART...], all parts without one.
# On a machine with nothing but Debian 12 and Swift it installs and builds what it needs first. To try executables that
# are there already, set GATEWAY and LOCAL to them. Needs root, for packages and for trees to install them in.
set -euo pipefail
cd "$(dirname "$0")/.."

parts=("$@")
((${#parts[@]})) || parts=(packages systemd proxies container kubernetes monitoring)
for part in "${parts[@]}"; do
    [[ -f deploy/tests/$part.py ]] || { echo "there is no part “$part” in deploy/tests" >&2; exit 64; }
done

make --no-print-directory deploy-packages
scripts/venv.sh .venv-deploy deploy/tests/requirements.txt
if [[ -z ${GATEWAY-} || -z ${LOCAL-} ]]; then
    make --no-print-directory executables
    GATEWAY=$PWD/${SCRATCH:-.build}/release/mltraining-gateway
    LOCAL=$PWD/${SCRATCH:-.build}/release/mltraining-local
fi
export GATEWAY LOCAL

scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/mltraining-deploy.XXXXXX")
failed=()
trap '((${#failed[@]})) || rm -rf "$scratch" 2>/dev/null || { sleep 2; rm -rf "$scratch"; }' EXIT
# The part that is under way stops what it has started before its files are removed.
running=
stop() {
    trap '' TERM INT
    if [[ $running ]]; then
        kill "$running" || true
        wait "$running" || true
    fi
    failed=()
    exit 143
}
trap stop TERM INT
export DEB_DIR=$scratch/deb
start=$SECONDS
deploy/debian/build.sh "$GATEWAY" "$LOCAL" "$DEB_DIR" >"$scratch/deb.log" 2>&1 || { cat "$scratch/deb.log" >&2; exit 1; }
for part in "${parts[@]}"; do
    mkdir "$scratch/$part"
    # In the background: a trap waits for a command in the foreground.
    WORK=$scratch/$part .venv-deploy/bin/python deploy/tests/"$part".py &
    running=$!
    wait "$running" || failed+=("$part")
    running=
done
if ((${#failed[@]})); then
    echo "deploy/test.sh: failed: ${failed[*]}; what they left is in $scratch" >&2
    exit 1
fi
echo "deploy/test.sh: all checks passed in $((SECONDS - start)) s"
