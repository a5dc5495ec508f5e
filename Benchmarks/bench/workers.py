"""What a second worker adds, by CPU accounting.

Two cores cannot carry two busy workers, a load generator and an upstream at once, so the load that two workers would
carry is not there to be counted. What a request costs is: if it costs as much with two workers as with one, two cores
carry twice as many. What workers would lose to each other (locks, shared lines of caches) is CPU time, and so would be
in the cost.
"""

import pathlib
from dataclasses import dataclass

from bench import scenarios
from bench.load import wrk
from bench.processes import Processes
from bench.subjects import Stage

ALL_CORES = (0, 1)
# Enough that the kernel spreads them about evenly over the workers' listening sockets.
CONNECTIONS = 256


@dataclass
class Round:
    one: float
    two: float
    # Of the CPU time of two workers, the part of the busier one.
    share: float

    @property
    def capacity(self) -> float:
        """Times the load of one worker that two carry which have a core each, by what requests cost them."""
        return 2 * self.one / self.two


def measure(folder: pathlib.Path, rounds: int, seconds: float, connections: int = CONNECTIONS) -> list[Round]:
    scenario = scenarios.one_job()
    results = []
    with Processes(folder) as processes:
        stage = Stage(processes, folder)
        stage.start_upstream((scenario.method, scenario.answer), cores=ALL_CORES)
        one = stage.start_gateway(1, ALL_CORES).process, stage.subjects["gateway"].address
        two = stage.start_gateway(2, ALL_CORES).process, stage.subjects["gateway"].address
        for number in range(rounds + 1):
            costs = {}
            for process, address in (one, two) if number % 2 else (two, one):
                before = process.thread_cpu()
                run = wrk(scenario, address, seconds if number else 1, folder, process, connections, ALL_CORES)
                used = sorted(after - before.get(thread, 0) for thread, after in process.thread_cpu().items())
                costs[process] = run.cpu, used[-1] / (used[-1] + used[-2]) if len(used) > 1 else 1.0
            # The first is to warm up.
            if number:
                results.append(Round(costs[one[0]][0], costs[two[0]][0], costs[two[0]][1]))
    return results
