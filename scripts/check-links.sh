#!/usr/bin/env bash
# Fails if the executable named as argument carries or loads NIO, GRDB, gRPC Swift or more of Foundation than its
# essentials: not its networking, nor ICU, whose tables alone are 34 MB.
set -euo pipefail

executable=$1
# Mangled Swift names begin with the length and name of their module.
modules='7NIOCore|8NIOPosix|4GRDB|8GRPCCore|10Foundation|20FoundationNetworking|30FoundationInternationalization'
libraries='libFoundation|lib_FoundationICU|libsqlite3|libcurl'

symbols=$(mktemp)
trap 'rm -f "$symbols"' EXIT
nm --format=posix "$executable" >"$symbols" 2>/dev/null
nm --format=posix --dynamic "$executable" >>"$symbols"
# A stripped executable would pass by saying nothing.
grep -q 'MLTraining' "$symbols" || { echo "$executable: no symbols to check" >&2; exit 1; }

status=0
if found=$(grep -oE "\\\$s($modules)" "$symbols" | sort -u); then
    echo "$executable carries symbols of: $found" >&2
    status=1
fi
if found=$(grep -oE 'icudt[0-9]+_dat' "$symbols" | sort -u); then
    echo "$executable carries ICU: $found" >&2
    status=1
fi
if found=$(ldd "$executable" | grep -E "$libraries"); then
    echo "$executable loads: $found" >&2
    status=1
fi
((status)) || echo "$executable links neither NIO nor GRDB nor Foundation, but for its essentials"
exit $status
