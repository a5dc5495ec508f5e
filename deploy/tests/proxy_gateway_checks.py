"""What must be so through every proxy when gateways come and go, are two, or below a prefix."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import threading
import time

import harness
from harness import eventually, expect
from proxy_checks import BUSY, CONTAINER, FEW, ONE, OPTIONS, passes
from proxy_stand import ADMIN, Stand, Substitutions

# The admin listener of a second gateway.
OTHER_ADMIN = "127.0.0.3:9901"


def own_error(stand: Stand) -> None:
    """Without a gateway the proxy says so, in the shape of errors; with one again all is well, without a restart."""
    stand.stop_gateway()
    for method in ("GET", "POST"):
        answer = stand.ask(method, "/v1/jobs", body=b"{}" if method == "POST" else None, early=True)
        error = answer.json()["error"]
        expect(answer.status == error["code"] and answer.status in (502, 503) and error["status"] == "UNAVAILABLE" and
               error["message"] and error["details"] == [], f"{answer.status} {error}")
        expect("x-request-id" not in answer.headers, "somebody answers who should have been stopped")
    stand.start_gateway(*OPTIONS)
    passes(stand)


def waiting(stand: Stand) -> None:
    """A request that finds no gateway waits for the next one, or is refused if the proxy cannot have it wait."""
    body = json.dumps({**CONTAINER, "organizationId": BUSY}).encode()
    for method in ("GET", "POST"):
        stand.stop_gateway()
        answers: list = []

        def ask() -> None:
            answers.append(stand.ask(method, "/v1/containers", body=body if method == "POST" else None, early=True))
        asking = threading.Thread(target=ask)
        asking.start()
        if method in stand.proxy.waits:
            asking.join(0.5)
            expect(not answers, f"{method} did not wait: {answers}")
            stand.start_gateway(*OPTIONS)
        asking.join(20)
        stand.start_gateway(*OPTIONS)
        expected = (200, 201) if method in stand.proxy.waits else (502, 503)
        expect(answers and answers[0].status in expected, f"{method}: {answers}")
        passes(stand)


def upstream_gone(stand: Stand) -> None:
    """A gateway that is not ready, since it has no upstream, is asked all the same: its 503 says why."""
    stand.stop_gateway()
    upstream, stand.upstream = stand.upstream, f"127.0.0.1:{harness.free_port()}"
    stand.start_gateway(*OPTIONS)

    def refused() -> bool:
        answer = stand.ask("GET", "/v1/containers")
        known = answer.status == 503 and answer.json()["error"]["status"] == "UNAVAILABLE"
        return known and "x-request-id" in answer.headers
    eventually("the gateway's 503", refused)
    # Proxies that ask /readyz have heard of it by then.
    end = time.monotonic() + 3.5
    while time.monotonic() < end:
        expect(refused(), f"the answer is no longer the gateway's: {stand.ask('GET', '/v1/containers')}")
    stand.stop_gateway()
    stand.upstream = upstream
    stand.start_gateway(*OPTIONS)
    passes(stand)


class Load:
    """Clients that read and make containers through the proxy, one request after the other."""

    def __init__(self, stand: Stand):
        self.codes: list[str] = []
        self.over = threading.Event()
        body = json.dumps({**CONTAINER, "organizationId": BUSY})
        kinds = ([stand.at(ONE), "-o", "/dev/null", stand.at(f"/v1/organizations/{FEW}/jobs")],
                 ["--json", body, stand.at("/v1/containers")])
        self.threads = [
            threading.Thread(target=self.work, args=(
                stand.command("-o", "/dev/null", "-w", "%{http_code} %{errormsg}\\n", *words),)) for words in kinds]

    def work(self, command: list[str]) -> None:
        while not self.over.is_set():
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120)
            self.codes += done.stdout.splitlines()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def more(self, count: int) -> None:
        """Waits until so many more requests have been answered."""
        target = len(self.codes) + count
        eventually(f"{count} more answers", lambda: len(self.codes) >= target, 40)

    def none_failed(self) -> None:
        wrong = [code for code in self.codes if code.strip() not in ("200", "201")]
        expect(not wrong, f"{len(wrong)} of {len(self.codes)} requests failed: {wrong[:5]}")


def restart(stand: Stand) -> None:
    """A new gateway takes over the socket of the old one (mltraining-gateway.socket) under load, twice."""
    stand.stop_gateway()
    with socket.create_server(("127.0.0.1", 8080), backlog=512) as listener:
        stand.start_gateway_on(listener)
        passes(stand)
        with Load(stand) as load:
            for _ in range(2):
                load.more(20)
                stand.start_gateway_on(listener)
            load.more(20)
        load.none_failed()
        stand.stop_gateway()
    stand.start_gateway(*OPTIONS)


def second_gateway(stand: Stand) -> None:
    """With two gateways, each may go and come again under load."""
    # A gateway that is to stop serves on for so long; a proxy that asks /readyz sends it nothing more, others try the
    # next one when they cannot connect.
    options = (*OPTIONS, "--shutdown-delay", "4" if stand.proxy.asks else "0")
    stand.start_gateway(*options)
    guide(stand, stand.proxy.second)

    def served(address: str) -> int:
        text = harness.run("curl", "-sS", f"http://{address}/metrics").stdout
        return sum(int(count) for count in re.findall(r"(?m)^mltraining_gateway_requests_total\{.*\} (\d+)$", text))
    with contextlib.ExitStack() as gateways:
        def start():
            return gateways.enter_context(harness.gateway(
                stand.upstream, *options, listen="127.0.0.3:8080", admin=OTHER_ADMIN))[0]
        second = start()
        stand.start_proxy(stand.proxy.second)
        passes(stand)
        with Load(stand) as load:
            eventually("both serve", lambda: served(OTHER_ADMIN) > 3 and served(ADMIN) > 3)
            second.child.send_signal(signal.SIGTERM)
            if stand.proxy.asks:
                def idle() -> bool:
                    before = served(OTHER_ADMIN)
                    load.more(6)
                    return served(OTHER_ADMIN) == before
                eventually("nothing more for a gateway that is not ready", idle, 3.8)
            expect(second.child.wait(40) == 0, second.transcript())
            load.more(20)
            second = start()
            eventually("the second serves again", lambda: served(OTHER_ADMIN) > 3)
            stand.stop_gateway()
            load.more(20)
            stand.start_gateway(*options)
            eventually("the first serves again", lambda: served(ADMIN) > 3)
        load.none_failed()


def base_path(stand: Stand) -> None:
    """The gateway has a `--base-path`, and the proxy passes on what is below it."""
    guide(stand, stand.proxy.base_path)
    stand.start_proxy(stand.proxy.base_path)
    stand.start_gateway(*OPTIONS, "--base-path", "/training")
    prefixed(stand, "/training")


def stripped(stand: Stand) -> None:
    """The proxy takes a prefix off, and says so."""
    guide(stand, stand.proxy.stripped)
    stand.start_proxy(stand.proxy.stripped)
    stand.start_gateway(*OPTIONS)
    prefixed(stand, "/ml")


def guide(stand: Stand, changes: Substitutions) -> None:
    """Expects that docs/proxies.md shows the lines that `changes` bring."""
    text = (harness.ROOT / "docs/proxies.md").read_text()
    file = (harness.DEPLOY / stand.proxy.file).read_text()
    for line in (line.strip() for _, new in changes for line in new.splitlines()):
        expect(line in text or line in file, f"docs/proxies.md does not show “{line}”")


def prefixed(stand: Stand, prefix: str) -> None:
    passes(stand, f"{prefix}/v1/containers")
    body = json.dumps({**CONTAINER, "organizationId": BUSY}).encode()
    made = stand.ask("POST", f"{prefix}/v1/containers", {"X-Forwarded-Prefix": "/evil"}, body)
    expect(made.status == 201 and made["location"] == f"{prefix}/v1/containers/{made.json()['id']}",
           f"{made.status}, Location: {made['location']}")
    found = stand.ask("GET", made["location"])
    expect(found.status == 200 and found.json()["id"] == made.json()["id"], f"{found}")
    slash = stand.ask("GET", f"{prefix}/v1/jobs/a%2Fb").json()["error"]["details"][0]
    whole = slash.get("resourceName") == "a/b"
    expect(whole == (stand.proxy.keeps_escapes or prefix == "/training"), f"a%2Fb comes as {slash}")
    outside = stand.ask("GET", "/v1/containers")
    expect("x-request-id" not in outside.headers, f"what is not below {prefix} reaches the gateway: {outside}")


CHECKS = [
    ("no gateway: 502 or 503 in the shape of errors, and back", own_error),
    ("a request between two gateways", waiting),
    ("no upstream: the gateway's own 503, and back", upstream_gone),
    ("gateways take turns on one socket, no request lost", restart),
    ("two gateways, either may go, no request lost", second_gateway),
    ("below a prefix that the gateway knows", base_path),
    ("below a prefix that the proxy takes off", stripped),
]
