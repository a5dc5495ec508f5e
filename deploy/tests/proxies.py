"""Tests nginx, Caddy, HAProxy and Envoy, as deploy/ configures them, in front of the gateway.

usage: proxies.py [PROXY [STAND]]

All of them run at once, each on two stands: one before the local training service, one before an upstream whose answers
the checks hold back.
"""

import subprocess
import sys
import threading

import harness
import proxy_checks
import proxy_gateway_checks
import proxy_stream_checks
from proxy_stand import PROXIES, Stand, enter_network

STANDS = {
    "service": (proxy_checks.behind, proxy_checks.CHECKS + proxy_gateway_checks.CHECKS),
    "streams": (proxy_stream_checks.behind, proxy_stream_checks.CHECKS),
}


def check(name: str, which: str) -> None:
    """All checks of one proxy on one stand."""
    checks = harness.Checks("proxies")
    enter_network()
    work = harness.path("WORK") / f"{name}-{which}"
    work.mkdir()
    behind, functions = STANDS[which]
    with Stand(PROXIES[name], work) as stand, behind(stand):
        for words, function in functions:
            with checks(f"{name}: {words}"):
                function(stand)
    checks.finish()


def main(names: list[str]) -> None:
    children = [
        subprocess.Popen([sys.executable, __file__, name, which], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True) for name in names for which in STANDS]

    def pass_on(child: subprocess.Popen) -> None:
        # A line at a time, so that those of two checks do not mix.
        for line in child.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
    readers = [threading.Thread(target=pass_on, args=(child,), daemon=True) for child in children]
    try:
        for reader in readers:
            reader.start()
        codes = [child.wait() for child in children]
        for reader in readers:
            reader.join()
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()
    sys.exit(0 if not any(codes) else 1)


if len(sys.argv) == 3:
    check(sys.argv[1], sys.argv[2])
else:
    main(sys.argv[1:] or list(PROXIES))
