"""Tests nginx, Caddy, HAProxy and Envoy, as deploy/ configures them, before the gateway: proxies.py [PROXY [STAND]]

All of them run at once, each on two stands: one before the local training service, one before an upstream whose answers the
checks hold back.
"""

import os
import pathlib
import signal
import subprocess
import sys

import harness
import proxy_checks
import proxy_stream_checks
from proxy_stand import PROXIES, Stand, enter_network

STANDS = {"service": proxy_checks, "streams": proxy_stream_checks}


def check(name: str, which: str) -> None:
    """All checks of one proxy on one stand."""
    checks = harness.Checks("proxies")
    enter_network()
    work = harness.path("WORK") / f"{name}-{which}"
    work.mkdir()
    with Stand(PROXIES[name], work) as stand, STANDS[which].behind(stand):
        for words, function in STANDS[which].CHECKS:
            with checks(f"{name}: {words}"):
                function(stand)
    checks.finish()


def main(names: list[str]) -> None:
    children = [subprocess.Popen([sys.executable, __file__, name, which]) for name in names for which in STANDS]
    try:
        codes = [child.wait() for child in children]
    finally:
        for child in children:
            child.terminate()
    sys.exit(0 if not any(codes) else 1)


# So that what a check has started is stopped with it.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
if len(sys.argv) == 3:
    check(sys.argv[1], sys.argv[2])
else:
    main(sys.argv[1:] or list(PROXIES))
