"""What must be so through every proxy of answers that take their time; the upstream answers when it is told to."""

import contextlib
import json
import signal
import threading
import time

import harness
from harness import Process, eventually, expect
from proxy_stand import CLIENT, NAME, Stand
from proxy_upstream import DESCRIPTOR_SET, Upstream

OPTIONS = ("--descriptor-set", DESCRIPTOR_SET)
# Longer than what proxies wait for if they are not told: nginx 60 s, HAProxy's example 50 s, Envoy 15 s.
SILENCE = 65
# The line by which a stream says that it is complete, where it has one.
ENDS = {"text/event-stream": "event: end", "application/x-ndjson": "", "application/json": "]"}


class Quiet:
    """A stream and a call that begin with the checks and of which nothing is heard for SILENCE seconds."""

    def __init__(self, stand: Stand, upstream: Upstream):
        self.began = time.monotonic()
        self.stream = watch(stand, "quiet", "application/x-ndjson")
        self.call = Process(*stand.command("-H", "Grpc-Timeout: 100S", stand.at("/v1/attachments/patient:describe")))
        self.upstream = upstream

    def close(self) -> None:
        self.stream.__exit__()
        self.call.__exit__()


@contextlib.contextmanager
def behind(stand: Stand):
    """The upstream and the gateway."""
    with Upstream() as upstream:
        stand.upstream, stand.calls, stand.quiet = upstream.address, upstream, None
        stand.start_gateway(*OPTIONS)
        try:
            yield
        finally:
            if stand.quiet:
                stand.quiet.close()


def watch(stand: Stand, topic: str, accept: str) -> Process:
    words = ("-N", "-H", f"Accept: {accept}", "-G", "--data-urlencode", f"topic={topic}")
    return Process(*stand.command(*words, stand.at("/v1/events")))


def attachment(stand: Stand, name: str) -> Process:
    """A request whose answer is the upstream's to give."""
    return Process(*stand.command(stand.at(f"/v1/attachments/{name}:describe")))


def exit_code(process: Process) -> int:
    """Waits until the process has ended and all that it said is read."""
    code = process.child.wait(20)
    process.reader.join(5)
    return code


# Checks

def begin(stand: Stand) -> None:
    stand.start_proxy()
    eventually("requests get through", lambda: stand.ask("GET", "/nope").status == 404)
    stand.quiet = Quiet(stand, stand.calls)
    stand.calls.call("quiet").send("1")
    stand.quiet.stream.wait_for_line('"1"')
    stand.calls.call("patient")


def records(stand: Stand) -> None:
    """Each record is there before the upstream sends the next one."""
    for accept, end in ENDS.items():
        with watch(stand, accept, accept) as client:
            call = stand.calls.call(accept)
            for record in ("first", "second", "third"):
                call.send(record)
                client.wait_for_line(f'"{record}"')
            call.finish()
            expect(exit_code(client) == 0, f"{accept}: curl's exit code is {client.child.returncode}")
            expect(not end or end in client.lines, f"{accept}: no “{end}” in {client.lines}")


def cut_off(stand: Stand) -> None:
    """A stream whose gateway dies does not look as if it were over: by its end, or at least by its content."""
    try:
        for accept in ENDS:
            with watch(stand, f"cut {accept}", accept) as client:
                call = stand.calls.call(f"cut {accept}")
                call.send("1")
                client.wait_for_line('"1"')
                stand.stop_gateway(signal.SIGKILL)
                code = exit_code(client)
                expect((code != 0) == stand.proxy.shows_cuts, f"{accept}: curl's exit code is {code}")
                expect(not ENDS[accept] or ENDS[accept] not in client.lines, f"{accept}: {client.lines}")
            stand.start_gateway(*OPTIONS)
            eventually("requests get through", lambda: stand.ask("GET", "/nope").status == 404)
    finally:
        stand.start_gateway(*OPTIONS)


def given_up(stand: Stand) -> None:
    """A client that goes away takes its call with it: one that waits and one that reads a stream."""
    before = stand.metric("failed_requests_total", 'failed_by="client"')
    for number in (signal.SIGTERM, signal.SIGKILL):
        with attachment(stand, f"wait{number}") as client:
            call = stand.calls.call(f"wait{number}")
            client.child.send_signal(number)
            expect(call.cancelled.wait(10), "the waiting call goes on")
        with watch(stand, f"watch{number}", "text/event-stream") as client:
            call = stand.calls.call(f"watch{number}")
            call.send("1")
            client.wait_for_line('"1"')
            client.child.send_signal(number)
            expect(call.cancelled.wait(10), "the stream goes on")
    eventually("four requests have failed by their client",
               lambda: stand.metric("failed_requests_total", 'failed_by="client"') == before + 4)


def deadlines(stand: Stand) -> None:
    """A slow call below its deadline is answered; beyond, it is the gateway that gives up."""
    for timeout, name in (("300m", "short"), ("1S", "second")):
        answer = stand.ask("GET", f"/v1/attachments/{name}:describe", {"Grpc-Timeout": timeout})
        error = answer.json()["error"]
        reason = error["details"][0]["reason"]
        expect(answer.status == 504 and reason == "DEADLINE_UPSTREAM", f"{answer.status} {error}")
    answers: list = []
    asking = threading.Thread(target=lambda: answers.append(stand.ask("GET", "/v1/attachments/slow:describe")))
    asking.start()
    call = stand.calls.call("slow")
    asking.join(3)
    expect(not answers, f"it was answered before its upstream did: {answers}")
    call.send("at last")
    asking.join(20)
    expect(answers and answers[0].status == 200 and answers[0].json()["title"] == "at last", f"{answers}")


def metadata(stand: Stand) -> None:
    """The upstream hears what the proxy knows of the client, and what clients may say themselves."""
    forged = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    rfc7239 = {"Forwarded": "for=198.51.100.1;proto=http;host=evil.example"}
    for name, fields in (("honest", {}), ("forged", forged), ("rfc7239", rfc7239)):
        more = {"Grpc-Metadata-Under_Score": "kept", "Authorization": "Bearer token", "X-Request-Id": f"id-{name}",
                "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        stand.ask("GET", f"/v1/attachments/{name}:describe", {**fields, **more, "Grpc-Timeout": "500m"})
        found = stand.calls.call(name).metadata
        for key, value in (
            ("x-forwarded-for", f"{CLIENT}, 127.0.0.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", NAME),
            ("under_score", "kept"), ("authorization", "Bearer token"), ("x-request-id", f"id-{name}"),
            ("traceparent", more["Traceparent"]),
        ):
            expect(found.get(key) == value, f"{name}: {key} is {found.get(key)} and not {value}")


def once(stand: Stand) -> None:
    """A POST that had reached the upstream when its gateway died is not made again by the proxy."""
    for way in ("--http2", "--http1.1"):
        kind = f"application/x-once{way}"
        out = stand.work / f"once{way}"
        words = (way, "-H", f"Content-Type: {kind}", "-d", "x", "-o", out, stand.at("/v1/render"))
        with Process(*stand.command(*words)) as client:
            stand.calls.call(kind)
            stand.stop_gateway(signal.SIGKILL)
            stand.start_gateway(*OPTIONS)
            # With HTTP/2 the answer may be followed by a reset, for which curl 7.88 at times loses it: see `Stand.ask`.
            eventually("an answer, or another call",
                       lambda: client.child.poll() is not None or len(stand.calls.named(kind)) > 1)
            count = len(stand.calls.named(kind))
            expect(count == 1, f"the upstream has {count} of it")
            if way == "--http1.1":
                error = json.loads(out.read_text())["error"]
                expect(error["status"] == "UNAVAILABLE", f"{error}")


def silence(stand: Stand) -> None:
    """The stream and the call of `begin` are still there."""
    quiet: Quiet | None = stand.quiet
    expect(quiet, "they never began")
    time.sleep(max(0, quiet.began + SILENCE - time.monotonic()))
    for process, name in ((quiet.stream, "quiet"), (quiet.call, "patient")):
        expect(process.child.poll() is None, f"{name} was ended:\n{process.transcript()}")
        call = stand.calls.call(name)
        call.send("after all")
        if name == "quiet":
            process.wait_for_line("after all")
        call.finish()
        expect(exit_code(process) == 0, f"{name}: curl's exit code is {process.child.returncode}")
    expect(json.loads(quiet.call.transcript())["title"] == "after all", quiet.call.transcript())


CHECKS = [
    ("a stream and a call begin", begin),
    ("records of a stream arrive one by one", records),
    ("clients that give up cancel their calls", given_up),
    ("a slow call is answered, beyond its deadline by the gateway", deadlines),
    ("what the upstream hears of clients", metadata),
    (f"the stream and the call go on after {SILENCE} s of silence", silence),
    ("a stream that is cut off is not taken for complete", cut_off),
    ("a POST whose gateway died is not made twice", once),
]
