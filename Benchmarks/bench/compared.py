"""Scenarios round by round: the gateway, those it is compared with, and the limits, in turn."""

import pathlib
from dataclasses import dataclass, field

from bench import settings, subjects
from bench.load import Run, h2load, wrk
from bench.processes import Failed, Processes
from bench.scenarios import Scenario
from bench.subjects import Stage

# h2load in the gateway's place, which has no process of its own in the stage.
CLIENT = "h2 client"
# One client at a time is measured with all on one core too.
ON_ONE_CORE = " on one core"


@dataclass
class Outcome:
    """All runs of a scenario by what was measured, a round after the other."""

    scenario: Scenario
    # Bytes of the gateway's answer.
    size: int = 0
    runs: dict[str, list[Run]] = field(default_factory=dict)
    # The most memory of each, in bytes, until it had answered once, and from then on.
    startup: dict[str, int] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    # Of what it has at the end, pages of files: the program and libraries, which processes share and the kernel may drop.
    files: dict[str, int] = field(default_factory=dict)

    def values(self, name: str, figure: str) -> list[float]:
        return [getattr(run, figure) for run in self.runs[name]]

    def has(self, name: str) -> bool:
        return bool(self.runs.get(name))

    def limit(self) -> list[float]:
        """CPU-us of both limits together, by round."""
        return [
            server + client for server, client in zip(self.values("libmicrohttpd", "cpu"), self.values(CLIENT, "cpu"))
        ]


def measure(
    scenario: Scenario, folder: pathlib.Path, static_answer: pathlib.Path, rounds: int, seconds: float, is_same_answer
) -> Outcome:
    """Starts all that a scenario needs anew, and stops it at the end."""
    outcome = Outcome(scenario)
    with Processes(folder) as processes:
        stage = Stage(processes, folder)
        stage.start_upstream((scenario.method, scenario.answer))
        gateway, envoy = stage.start_gateway(), stage.start_envoy()
        content = subjects.await_answer(scenario, gateway)
        other = subjects.await_answer(scenario, envoy)
        if not is_same_answer(content, other):
            raise Failed(f"Envoy's answer is another than the gateway's: {other[:300]!r}, {content[:300]!r}")
        outcome.size = len(content)
        stage.start_static_answer(static_answer, scenario.status, content)
        for name, subject in stage.subjects.items():
            outcome.startup[name] = subject.process.memory()
            subject.process.forget_peak()
            wrk(scenario, subject.address, 1, folder, subject.process)
        streams = 1 if scenario.connections == 1 else settings.CONNECTIONS
        for number in range(rounds):
            # Each is the first in its turn.
            order = list(stage.subjects)
            order = order[number % len(order) :] + order[: number % len(order)]
            for name in order:
                subject = stage.subjects[name]
                run = wrk(scenario, subject.address, seconds, folder, subject.process)
                outcome.runs.setdefault(name, []).append(run)
            run = h2load(scenario, stage.upstream, seconds, folder, streams, (settings.CORE,))
            outcome.runs.setdefault(CLIENT, []).append(run)
            if streams == 1:
                on_one_core(stage, outcome, seconds)
        for name, subject in stage.subjects.items():
            outcome.memory[name] = subject.process.memory()
            outcome.files[name] = subject.process.memory("RssFile")
    return outcome


def on_one_core(stage: Stage, outcome: Outcome, seconds: float) -> None:
    """A round of one client at a time in which no core is ever woken by another.

    Waking one costs tens of microseconds where cores are those of a virtual machine, in latency and in CPU time.
    """
    scenario, cores = outcome.scenario, (settings.CORE,)
    stage.upstream_process.pin(*cores)
    for name, subject in stage.subjects.items():
        run = wrk(scenario, subject.address, seconds, stage.folder, subject.process, cores=cores)
        outcome.runs.setdefault(name + ON_ONE_CORE, []).append(run)
    run = h2load(scenario, stage.upstream, seconds, stage.folder, 1, cores)
    outcome.runs.setdefault(CLIENT + ON_ONE_CORE, []).append(run)
    stage.upstream_process.pin(settings.LOAD_CORE)
