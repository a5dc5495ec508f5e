"""SCALING.md: how cost grows with the size of answers, connections, the upstream's latency and workers."""

import contextlib
import pathlib
import resource
import socket
import sys
import time
from dataclasses import dataclass

from bench import client, machine, scenarios, settings, subjects, workers
from bench.load import Run, wrk
from bench.processes import Failed, Process, Processes
from bench.report import paragraph
from bench.scenarios import Scenario
from bench.subjects import Stage
from bench.tables import median, mebibytes, short, spread, table

RESULTS = settings.BENCHMARKS / "SCALING.md"
# Jobs of an answer, and connections that ask for it.
ANSWERS = [(1, 64), (10, 64), (100, 64), (1000, 4)]
ACTIVE = [1, 8, 64, 512, 4096, 10000]
IDLE = [0, 1000, 10000]
# Milliseconds of the upstream, each with these connections.
DELAYS = [0, 1, 10, 100]
DELAYED_CONNECTIONS = [64, 1000]
# A few descriptors beside connections, of which wrk and this process hold up to 10,000.
DESCRIPTORS = 10200


@dataclass
class Point:
    """One row: what was varied, the rounds, and memory at the end."""

    words: list[str]
    runs: list[Run]
    memory: int
    size: int = 0

    @property
    def cost(self) -> float:
        return median([run.cpu for run in self.runs])

    def figure(self, name: str) -> str:
        return spread([getattr(run, name) for run in self.runs])

    def middle(self, name: str) -> str:
        return short(median([getattr(run, name) for run in self.runs]))


@dataclass
class Plan:
    folder: pathlib.Path
    rounds: int
    seconds: float

    @contextlib.contextmanager
    def stage(self, scenario: Scenario, arguments: tuple[str, ...] = ()):
        """An upstream and a gateway that has answered once."""
        with Processes(self.folder) as processes:
            stage = Stage(processes, self.folder)
            stage.start_upstream((scenario.method, scenario.answer), arguments=arguments)
            gateway = stage.start_gateway()
            subjects.await_answer(scenario, gateway)
            gateway.process.forget_peak()
            yield stage

    def runs(self, stage: Stage, scenario: Scenario, connections: int) -> list[Run]:
        gateway = stage.subjects["gateway"]
        # Thousands take wrk a while to open. The first is to warm up.
        load = [max(1, connections / 3000)] + [max(self.seconds, connections / 2000)] * self.rounds
        before = gateway.process.descriptors()
        runs = []
        for seconds in load:
            runs.append(wrk(scenario, gateway.address, seconds, self.folder, gateway.process, connections))
            await_end(gateway.process, before)
        return runs[1:]


def await_end(process: Process, descriptors: int) -> None:
    """Waits until the connections of a run are gone, whose requests would count among those in flight in the next."""
    deadline = time.monotonic() + 30
    process.check()
    # Connections to the upstream may come or go; so few of wrk's are no matter either.
    while process.descriptors() > descriptors + 8:
        if time.monotonic() > deadline:
            raise process.fail("still has connections of wrk, which has ended")
        time.sleep(0.05)
        process.check()


def answers(plan: Plan) -> list[Point]:
    points = []
    for count, connections in ANSWERS:
        scenario = scenarios.jobs(count)
        with plan.stage(scenario) as stage:
            size = len(subjects.await_answer(scenario, stage.subjects["gateway"]))
            runs = plan.runs(stage, scenario, connections)
            points.append(Point([f"{count:,}"], runs, stage.subjects["gateway"].process.memory(), size))
    return points


def active(plan: Plan) -> list[Point]:
    points = []
    for connections in ACTIVE:
        scenario = scenarios.one_job()
        with plan.stage(scenario) as stage:
            runs = plan.runs(stage, scenario, connections)
            points.append(Point([f"{connections:,}"], runs, stage.subjects["gateway"].process.memory()))
    return points


def idle(plan: Plan) -> list[Point]:
    """64 connections that ask, and others that have asked once and stay."""
    points = []
    scenario = scenarios.one_job()
    for count in IDLE:
        with plan.stage(scenario) as stage, contextlib.ExitStack() as stack:
            gateway = stage.subjects["gateway"]
            held = [
                stack.enter_context(contextlib.closing(asked_once(scenario, gateway.address))) for _ in range(count)
            ]
            runs = plan.runs(stage, scenario, settings.CONNECTIONS)
            points.append(Point([f"{count:,}"], runs, gateway.process.memory("VmRSS")))
            if not all(is_open(connection) for connection in held):
                raise Failed("the gateway has closed connections that were to be idle")
    return points


def asked_once(scenario: Scenario, address: str) -> socket.socket:
    connection = client.connect(address)
    connection.sendall(client.request(scenario, address))
    client.read_answer(connection)
    return connection


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True


def latency(plan: Plan) -> list[Point]:
    points = []
    for delay in DELAYS:
        for connections in DELAYED_CONNECTIONS:
            scenario = scenarios.one_job()
            with plan.stage(scenario, ("--delay", str(delay)) if delay else ()) as stage:
                runs = plan.runs(stage, scenario, connections)
                points.append(Point([f"{delay}", f"{connections:,}"], runs, stage.subjects["gateway"].process.memory()))
    return points


def measure() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < DESCRIPTORS:
        raise Failed(f"a process may have {most} descriptors here; {DESCRIPTORS} are needed (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    others = machine.Others()
    with settings.work_folder() as name:
        plan = Plan(pathlib.Path(name), settings.rounds(3), settings.seconds(2))
        points = {}
        for what in (answers, active, idle, latency):
            print(f"measuring {what.__name__}", file=sys.stderr, flush=True)
            points[what.__name__] = what(plan)
        print("measuring workers", file=sys.stderr, flush=True)
        shared = {count: workers.measure(plan.folder, 3 * plan.rounds, 1, count) for count in (64, workers.CONNECTIONS)}
    text = report(points, shared, plan, others.share())
    print(text)
    RESULTS.write_text(text)
    print(f"written to {RESULTS.relative_to(settings.ROOT)}", file=sys.stderr)


def report(points: dict[str, list[Point]], shared: dict[int, list[workers.Round]], plan: Plan, others: float) -> str:
    lines = [
        "# How cost grows",
        "",
        *machine.description(with_envoy=False),
        f"- other processes had {others * 100:.0f} % of the machine meanwhile",
        "",
    ]
    lines += paragraph(
        f"`make bench-scaling` has measured this and written it: medians of {plan.rounds} runs of {plan.seconds:.0f} "
        "s, and the least and the most of them. CPU-µs are those of the gateway process a request, one worker on a "
        "core of its own, wrk and "
        'the canned upstream on the other, as in [RESULTS.md](RESULTS.md). "A core carries" is what follows for a core '
        "that does nothing else: a second divided by the CPU time of a request."
    )
    lines += ["## With jobs of an answer", "", *answers_lines(points["answers"]), ""]
    lines += ["## With connections", "", *connections_lines(points["active"], points["idle"]), ""]
    lines += ["## With the upstream's latency", "", *latency_lines(points["latency"]), ""]
    lines += ["## With workers", "", *workers_lines(shared), ""]
    lines += ["## What that means for a fleet", "", *fleet_lines(points, shared)]
    return "\n".join(lines) + "\n"


def answers_lines(points: list[Point]) -> list[str]:
    counts = [count for count, _ in ANSWERS]
    rows = []
    for count, point in zip(counts, points):
        rows.append(
            [
                *point.words,
                f"{point.size:,}",
                point.figure("cpu"),
                short(point.cost / count),
                short(point.size / point.cost),
                f"{1e6 / point.cost:,.0f}",
                mebibytes(point.memory),
            ]
        )
    first, last = points[0], points[-1]
    each = (last.cost - first.cost) / (counts[-1] - counts[0])
    base = first.cost - each * counts[0]
    return [
        *table(
            ["Jobs", "bytes", "CPU-µs a request", "a job", "MB/s of JSON", "a core carries, requests/s", "peak, MiB"],
            rows,
        ),
        "",
        f"From the first row to the last a request costs {short(base)} µs and {short(each)} µs for each job "
        f"({short(each * 1000 / (last.size / counts[-1]))} ns a byte).",
    ]


def connections_lines(busy: list[Point], waiting: list[Point]) -> list[str]:
    rows = [
        [
            *point.words,
            point.figure("cpu"),
            point.middle("rate"),
            point.middle("p50"),
            point.middle("p99"),
            mebibytes(point.memory),
        ]
        for point in busy
    ]
    lines = table(["Connections that ask", "CPU-µs a request", "requests/s", "p50, µs", "p99, µs", "peak, MiB"], rows)
    rows = [
        [*point.words, point.figure("cpu"), point.middle("rate"), point.middle("p99"), mebibytes(point.memory)]
        for point in waiting
    ]
    lines += [
        "",
        *table(["Idle ones beside 64 that ask", "CPU-µs a request", "requests/s", "p99, µs", "memory, MiB"], rows),
    ]
    return [*lines, "", f"An idle connection takes {idle_kibibytes(waiting):.1f} KiB of the process' memory."]


def idle_kibibytes(waiting: list[Point]) -> float:
    return (waiting[-1].memory - waiting[0].memory) / (IDLE[-1] - IDLE[0]) / 1024


def latency_lines(points: list[Point]) -> list[str]:
    rows = [
        [
            *point.words,
            point.figure("cpu"),
            point.middle("rate"),
            short(median([run.busy for run in point.runs]) * 100),
            point.middle("p50"),
            mebibytes(point.memory),
        ]
        for point in points
    ]
    return table(
        ["Upstream's ms", "connections", "CPU-µs a request", "requests/s", "of the core, %", "p50, µs", "peak, MiB"],
        rows,
    )


def workers_lines(shared: dict[int, list[workers.Round]]) -> list[str]:
    rows = [
        [
            f"{count}",
            spread([one.one for one in rounds]),
            spread([one.two for one in rounds]),
            spread([one.share * 100 for one in rounds]),
            spread([one.capacity for one in rounds]),
        ]
        for count, rounds in shared.items()
    ]
    return [
        *table(
            ["Connections", "one worker, CPU-µs a request", "two", "the busier one's share, %", "two carry, times one"],
            rows,
        ),
        "",
        *paragraph(
            "All processes on both cores. The last column is what two workers with a core each carry, by what a "
            "request costs them: twice the one cost over the other."
        )[:-1],
    ]


def fleet_lines(points: dict[str, list[Point]], shared: dict[int, list[workers.Round]]) -> list[str]:
    one = next(point for point, count in zip(points["active"], ACTIVE) if count == settings.CONNECTIONS)
    most = points["active"][-1]
    thousand = points["answers"][-1]
    slow = [point for point in points["latency"] if point.words[1] == "1,000"]
    capacity = median([round.capacity for round in shared[workers.CONNECTIONS]])
    return [
        f"- 10,000 requests a second for one job take {one.cost / 100:.2f} of a core where 64 connections make them, "
        f"and {most.cost / 100:.2f} where 10,000 do: few connections with many requests, such as those of a reverse "
        "proxy, are cheaper.",
        f"- 100 requests a second for 1,000 jobs each take {thousand.cost / 1e4:.2f} of a core, and bring "
        f"{thousand.size * 100 / 1e6:.0f} MB of JSON.",
        "- Cores are to be planned for requests and bytes, not for time spent waiting: with 1,000 connections a "
        f"request costs {short(slow[0].cost)} µs if the upstream answers at once, and {short(slow[-1].cost)} µs if it "
        "takes 100 ms.",
        f"- 10,000 idle clients take {idle_kibibytes(points['idle']) * 10000 / 1024:.0f} MiB more, and a request "
        f"beside them costs {short(points['idle'][-1].cost)} µs in place of {short(points['idle'][0].cost)}.",
        f"- A process with 64 clients has {mebibytes(points['idle'][0].memory)} MiB; with 10,000 that all ask at once, "
        f"{mebibytes(most.memory)}.",
        f"- Two workers carry {capacity:.2f} times what one does, by what requests cost them; 2 is what there would be "
        "without any loss.",
    ]
