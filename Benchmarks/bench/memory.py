"""Memory while a large answer passes."""

import pathlib
from dataclasses import dataclass

from bench import scenarios, subjects
from bench.processes import Processes
from bench.subjects import Stage


@dataclass
class Passage:
    """What a process grew by at most while it passed an answer of `size` bytes to one client."""

    name: str
    jobs: int
    size: int
    growth: int


# By jobs of the answer. Envoy has a limit for what it transcodes, which 10,000 jobs (7 MB) are above.
MEASURED = {1000: ("gateway", "Envoy"), 10000: ("gateway",)}


def measure(folder: pathlib.Path) -> list[Passage]:
    """Each is started anew, has passed a small answer, and passes then the large one once."""
    passages = []
    for count, names in MEASURED.items():
        small, large = scenarios.one_job(), scenarios.jobs(count)
        with Processes(folder) as processes:
            stage = Stage(processes, folder)
            stage.start_upstream((small.method, small.answer), (large.method, large.answer))
            stage.start_gateway()
            if "Envoy" in names:
                stage.start_envoy()
            for name, subject in stage.subjects.items():
                for _ in range(10):
                    subjects.await_answer(small, subject)
                subject.process.forget_peak()
                before = subject.process.memory("VmHWM")
                size = len(subjects.await_answer(large, subject))
                passages.append(Passage(name, count, size, subject.process.memory("VmHWM") - before))
    return passages
