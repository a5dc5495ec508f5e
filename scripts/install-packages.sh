#!/usr/bin/env bash
# Installs the Debian packages named as arguments that are not there yet; asks apt for nothing if none is missing.
set -euo pipefail

missing=()
for package in "$@"; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
((${#missing[@]})) || exit 0

sudo=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "missing: ${missing[*]}; install them as root" >&2; exit 1; }
    sudo=(sudo)
fi
echo "installing ${missing[*]}"

# What is installed for tests and builds is not to serve: nothing is started (invoke-rc.d(8)), unless the machine has
# rules of its own for that.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    trap '"${sudo[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
fi
"${sudo[@]}" apt-get update -q
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
