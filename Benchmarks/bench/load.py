"""The load: wrk over HTTP/1.1, h2load straight to the upstream."""

import pathlib
import re
import statistics
from dataclasses import dataclass

from bench import settings
from bench.processes import Failed, Process, run
from bench.scenarios import SERVICE, Scenario

MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6}


@dataclass
class Run:
    """One run: CPU-us a request of what is measured, requests a second, latency in microseconds."""

    cpu: float
    rate: float
    p50: float
    p99: float
    requests: int
    # Of one core, the share that what is measured used.
    busy: float = 0


def script(scenario: Scenario, folder: pathlib.Path) -> pathlib.Path:
    """wrk's script with the scenario's request; without functions it is made once, not for each request."""

    def quoted(text: str) -> str:
        return "[[" + text + "]]"

    lines = [f"wrk.method = {quoted(scenario.verb)}", f"wrk.path = {quoted(scenario.target)}"]
    lines += [
        f"wrk.headers[{quoted(name)}] = {quoted(value)}".replace("[[[", "[ [[").replace("]]]", "]] ]")
        for name, value in scenario.headers().items()
    ]
    if scenario.body:
        lines.append(f"wrk.body = {quoted(scenario.body.decode())}")
    file = folder / f"{scenario.key}.lua"
    file.write_text("\n".join(lines) + "\n")
    return file


def latency(output: str, percentile: int) -> float:
    found = re.search(rf"^ +{percentile}% +([\d.]+)(us|ms|s|m) *$", output, re.MULTILINE)
    if not found:
        raise Failed(f"wrk says no latency:\n{output}")
    return float(found[1]) * MICROSECONDS[found[2]]


def wrk(
    scenario: Scenario,
    address: str,
    seconds: float,
    folder: pathlib.Path,
    subject: Process,
    connections: int | None = None,
    cores: tuple[int, ...] = (settings.LOAD_CORE,),
) -> Run:
    """Loads `subject` at `address`; every answer must have the scenario's status."""
    requests = 0
    # Again and for longer where thousands of connections on a busy machine have got no answer yet.
    for duration in (max(1, round(seconds)) * factor for factor in (1, 4, 10)):
        subject.check()
        before = subject.cpu()
        # wrk takes whole seconds.
        command = ["wrk", "-t1", f"-c{connections or scenario.connections}", f"-d{duration}", "--latency"]
        command += ["--timeout", "10", "-s", script(scenario, folder), f"http://{address}"]
        output, _ = run(*command, cores=cores)
        used = subject.cpu() - before
        requests = int(re.search(r"(\d+) requests in", output)[1])
        if requests:
            break
    errors = re.search(r"Socket errors: .*", output)
    unexpected = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    failures = int(unexpected[1]) if unexpected else 0
    if errors or failures != (requests if scenario.status >= 400 else 0) or requests == 0:
        raise Failed(f"{subject.name} does not answer {scenario.key} as it should:\n{output}")
    rate = float(re.search(r"Requests/sec: +([\d.]+)", output)[1])
    return Run(used / requests * 1e6, rate, latency(output, 50), latency(output, 99), requests, used / requests * rate)


def h2load(
    scenario: Scenario, upstream: str, seconds: float, folder: pathlib.Path, streams: int, cores: tuple[int, ...]
) -> Run:
    """Makes the scenario's calls itself, over one connection; the CPU time is h2load's own."""
    body = folder / f"{scenario.key}.call"
    body.write_bytes(b"\0" + len(scenario.call).to_bytes(4, "big") + scenario.call)
    log = folder / f"{scenario.key}.h2load"
    log.unlink(missing_ok=True)
    command = [
        "h2load",
        "-t1",
        "-c1",
        f"-m{streams}",
        "-D",
        max(1, round(seconds)),
        "-d",
        body,
        "-H",
        "te: trailers",
        "-H",
        "content-type: application/grpc",
        "-H",
        ":method: POST",
    ]
    # A line for each request costs it little, but is only wanted where latency is.
    if streams == 1:
        command += ["--log-file", log]
    output, used = run(*command, f"http://{upstream}/{SERVICE}/{scenario.method}", cores=cores)
    counts = re.search(r"requests: (\d+) total, .* (\d+) failed, (\d+) errored, (\d+) timeout", output)
    done = int(re.search(r"(\d+) 2xx", output)[1])
    if not counts or done == 0 or any(int(count) for count in counts.groups()[1:]):
        raise Failed(f"h2load: {output}")
    rate = float(re.search(r"([\d.]+) req/s", output)[1])
    times = []
    if streams == 1:
        times = sorted(int(line.split()[2]) for line in log.read_text().splitlines())
    p50 = statistics.median(times) if times else 0
    p99 = times[len(times) * 99 // 100] if times else 0
    return Run(used / done * 1e6, rate, p50, p99, done, used / done * rate)
