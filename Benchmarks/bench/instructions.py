"""Instructions a request, as valgrind counts them: the same on any machine with these libraries, however busy it is.

The gateway runs twice for a scenario, with few and with more requests, and the difference is divided by theirs: what it
does to start and to end is in both. One client sends them one after the other, so that each takes the same way.
"""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from bench import client, machine, scenarios, settings
from bench.processes import Failed, Processes
from bench.scenarios import Scenario
from bench.subjects import Stage
from bench.tables import table

BASELINE = settings.BENCHMARKS / "instructions.json"
# A scenario may grow by this much before `make bench-check` fails.
TOLERANCE = 0.05
# Requests of the two runs: more where they are cheap, so that what differs between two starts is little beside them.
REQUESTS = (100, 3100)
REQUESTS_OF = {"jobs-1000": (20, 140)}
# Two run at once, which does not change what they count.
AT_ONCE = 2


def stripped_gateway(folder: pathlib.Path) -> pathlib.Path:
    """A copy without debugging information, which valgrind would read for seconds at each start."""
    program = folder / "mltraining-gateway"
    shutil.copy(settings.gateway(), program)
    subprocess.run(["strip", "--strip-debug", program], check=True)
    return program


@functools.cache
def fixed_addresses() -> tuple[str, ...]:
    """What runs a command at the same addresses each time; nothing in containers that may not."""
    command = ("setarch", "-R")
    return command if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0 else ()


def count(scenario: Scenario, program: pathlib.Path, requests: int, folder: pathlib.Path) -> int:
    """Instructions of a whole gateway, from its start to its end, that answers so many requests."""
    place = folder / f"{scenario.key}.{requests}"
    place.mkdir()
    with Processes(place) as processes:
        stage = Stage(processes, place)
        stage.start_upstream((scenario.method, scenario.answer), cores=None)
        prefix = (*fixed_addresses(), "valgrind", "--tool=callgrind", f"--callgrind-out-file={place}/callgrind.out")
        # Hashes would be others at each start, and with them the work of tables by hash.
        environment = {"SWIFT_DETERMINISTIC_HASHING": "1"}
        gateway = stage.start_gateway(
            cores=None, arguments=("--no-docs",), prefix=prefix, environment=environment, program=program
        )
        client.send(scenario, gateway.address, requests)
        gateway.process.stop()
        found = re.search(r"Collected : (\d+)", gateway.process.output())
        if not found:
            raise gateway.process.fail("was not counted")
        return int(found[1])


def instructions(scenario: Scenario, program: pathlib.Path, folder: pathlib.Path) -> int:
    """Of one request."""
    few, many = REQUESTS_OF.get(scenario.key, REQUESTS)
    more = count(scenario, program, many, folder) - count(scenario, program, few, folder)
    return round(more / (many - few))


def come_first() -> None:
    """Other processes are to wait for these where the system allows it.

    A gateway whose upstream or client does not get to run has other things to do meanwhile, such as to watch for a
    client that hangs up.
    """
    try:
        os.nice(-15)
    except PermissionError:
        pass


def measure() -> dict[str, int]:
    come_first()
    wanted = [scenario for scenario in scenarios.chosen() if scenario.key != "single"]
    with settings.work_folder() as name, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as executor:
        folder = pathlib.Path(name)
        program = stripped_gateway(folder)
        # The longest first.
        ordered = sorted(wanted, key=lambda scenario: -len(scenario.answer.message))
        results = {scenario.key: executor.submit(instructions, scenario, program, folder) for scenario in ordered}
        return {scenario.key: results[scenario.key].result() for scenario in wanted}


def write() -> None:
    """Makes what there is now the measure."""
    if scenarios.is_subset():
        raise Failed("SCENARIOS: all of them make up a baseline")
    made = {"valgrind": machine.package("valgrind"), "libraries": machine.libraries(), "instructions": measure()}
    BASELINE.write_text(json.dumps(made, indent=2) + "\n")
    print(f"written to {BASELINE.relative_to(settings.ROOT)}")
    show(made["instructions"], {})


def show(now: dict[str, int], before: dict[str, int]) -> None:
    rows = []
    for key, value in now.items():
        old = before.get(key)
        rows.append([key, f"{value:,}", *([f"{old:,}", f"{(value / old - 1) * 100:+.2f} %"] if old else ["", ""])])
    print("\n".join(table(["Instructions a request", "now", "stored", "change"], rows)))


def check() -> None:
    """Fails if a request of some scenario takes more instructions than it may."""
    if not BASELINE.exists():
        raise Failed(f"there is no {BASELINE.relative_to(settings.ROOT)}; `make bench-baseline` writes it")
    stored = json.loads(BASELINE.read_text())
    before, now = stored["instructions"], measure()
    show(now, before)
    for name, version in machine.libraries().items():
        if (then := stored["libraries"].get(name)) != version:
            print(f"note: {name} is {version}, and was {then} when the counts were stored")
    if missing := [key for key in now if key not in before]:
        raise Failed(f"nothing is stored for {', '.join(missing)}; `make bench-baseline` counts anew")
    grown = [
        f"{key} takes {value:,} instructions a request, {(value / before[key] - 1) * 100:.1f} % more than the "
        f"{before[key]:,} "
        "that are stored"
        for key, value in now.items()
        if value > before[key] * (1 + TOLERANCE)
    ]
    if grown:
        raise Failed(
            "\n".join(
                [
                    *grown,
                    f"at most {TOLERANCE * 100:.0f} % are allowed. `valgrind --tool=callgrind` shows where "
                    "they are; if they are wanted, `make bench-baseline` stores these, to be committed.",
                ]
            )
        )
    if shrunk := [key for key, value in now.items() if value < before[key] * (1 - TOLERANCE)]:
        print(f"note: {', '.join(shrunk)} got cheaper; `make bench-baseline` keeps it so", file=sys.stderr)
