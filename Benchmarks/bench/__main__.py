"""usage: python -m bench COMMAND, from the folder Benchmarks or with it in PYTHONPATH; `make` does that."""

import json
import pathlib
import signal
import sys

from bench import (
    compared,
    instructions,
    machine,
    memory,
    peers,
    report,
    scaling,
    scenarios,
    settings,
    subjects,
    workers,
)
from bench.processes import Failed

RESULTS = settings.BENCHMARKS / "RESULTS.md"


def is_same_json(ours: bytes, theirs: bytes) -> bool:
    """Whether two answers say the same: of errors, whose forms differ, that both have the details."""
    one, other = json.loads(ours), json.loads(theirs)
    if "error" in one:
        return one["error"]["details"] == other["details"] != []
    return one == other


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run() -> None:
    rounds, seconds = settings.rounds(5), settings.seconds(2)
    wanted = scenarios.chosen()
    others = machine.Others()
    outcomes = []
    with settings.work_folder() as name:
        folder = pathlib.Path(name)
        program = subjects.build_static_answer(folder)
        for scenario in wanted:
            say(f"measuring {scenario.key}")
            outcomes.append(compared.measure(scenario, folder, program, rounds, seconds, is_same_json))
        say("measuring memory of large answers")
        passages = memory.measure(folder)
        say("measuring two workers")
        # Short and many, since what disturbs one would not disturb the next.
        shares = workers.measure(folder, 2 * rounds, 1)
    text = report.report(outcomes, passages, shares, others.share(), rounds, seconds)
    print(text)
    if not scenarios.is_subset():
        RESULTS.write_text(text)
        say(f"written to {RESULTS.relative_to(settings.ROOT)}")


COMMANDS = {
    "run": run,
    "check": instructions.check,
    "baseline": instructions.write,
    "compare": peers.compare,
    "scaling": scaling.measure,
}


def main() -> None:
    command = COMMANDS.get(sys.argv[1]) if len(sys.argv) == 2 else None
    if command is None:
        sys.exit(f"usage: python -m bench {'|'.join(COMMANDS)}")
    # As Ctrl-C: whatever was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        command()
    except Failed as failure:
        sys.exit(str(failure))


main()
