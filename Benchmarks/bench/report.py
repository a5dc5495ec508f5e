"""RESULTS.md."""

import textwrap

from bench import goals, machine, settings
from bench.compared import CLIENT, ON_ONE_CORE, Outcome
from bench.memory import Passage
from bench.subjects import ENVOY_ARGUMENTS, gateway_arguments
from bench.tables import mebibytes, median, ratio, short, spread, table
from bench.workers import CONNECTIONS, Round


def paragraph(text: str) -> list[str]:
    return [*textwrap.wrap(text, 120, break_on_hyphens=False), ""]


def cost_table(outcomes: list[Outcome]) -> list[str]:
    rows = []
    for outcome in outcomes:
        ours, theirs = outcome.values("gateway", "cpu"), outcome.values("Envoy", "cpu")
        server, client = outcome.values("libmicrohttpd", "cpu"), outcome.values(CLIENT, "cpu")
        of_envoy = ratio(ours, theirs)
        told = ["", ""]
        if goal := goals.COST.get(outcome.scenario.key):
            most, part = goal
            reached = goals.verdict(median(ours) <= most), goals.verdict(of_envoy <= part)
            told = [f"≤ {most:,} {reached[0]}", f"≤ {part} {reached[1]}"]
        rows.append(
            [
                outcome.scenario.title,
                f"{outcome.size:,}",
                spread(ours),
                spread(theirs),
                f"{of_envoy:.3f}",
                *told,
                short(median(server)),
                short(median(client)),
                f"{ratio(ours, outcome.limit()):.2f}",
            ]
        )
    return table(
        [
            "Request",
            "bytes",
            "gateway",
            "Envoy",
            "gateway / Envoy",
            "goal, µs",
            "goal, / Envoy",
            "libmicrohttpd",
            "h2 client",
            "gateway / both limits",
        ],
        rows,
    )


def load_table(outcomes: list[Outcome]) -> list[str]:
    rows = []
    for outcome in outcomes:
        for name in ("gateway", "Envoy", "libmicrohttpd"):
            row = [outcome.scenario.title, name, spread(outcome.values(name, "rate"))]
            row += [f"{median(outcome.values(name, 'busy')) * 100:.0f} %"]
            row += [short(median(outcome.values(name, figure))) for figure in ("p50", "p99")]
            rows.append([*row, mebibytes(outcome.memory[name])])
    return table(["Request", "", "requests/s", "of its core", "p50, µs", "p99, µs", "peak memory, MiB"], rows, left=2)


def latency_table(outcome: Outcome, where: str) -> list[str]:
    direct = outcome.values(CLIENT + where, "p50")
    added = {
        name: [whole - part for whole, part in zip(outcome.values(name + where, "p50"), direct)]
        for name in ("gateway", "Envoy")
    }
    rows = []
    for name in (CLIENT, "libmicrohttpd", "gateway", "Envoy"):
        more = spread(added[name]) if name in added else ""
        rows.append(
            [
                "the upstream itself" if name == CLIENT else name,
                spread(outcome.values(name + where, "p50")),
                spread(outcome.values(name + where, "p99")),
                more,
                spread(outcome.values(name + where, "cpu")),
            ]
        )
    most, part = goals.ADDED_LATENCY
    of_envoy = ratio(added["gateway"], added["Envoy"])
    title = "all on one core" if where else "on two cores"
    return [
        *table([f"One client, {title}", "p50, µs", "p99, µs", "added to p50, µs", "CPU-µs a request"], rows),
        "",
        f"- added by the gateway: {short(median(added['gateway']))} µs, goal below {most}: "
        + goals.verdict(median(added["gateway"]) < most),
        f"- of what Envoy adds: {of_envoy:.2f}, goal at most {part}: " + goals.verdict(of_envoy <= part),
        "",
    ]


def memory_lines(outcomes: list[Outcome], passages: list[Passage]) -> list[str]:
    rows = [
        [
            passage.name,
            f"{passage.jobs:,}",
            f"{passage.size:,}",
            mebibytes(passage.growth),
            f"{passage.growth / passage.size:.2f}",
        ]
        for passage in passages
    ]
    lines = table(["A large answer", "jobs", "bytes", "grows by, MiB", "times the answer"], rows) + [""]
    for outcome in (outcome for outcome in outcomes if outcome.scenario.key == "one-job"):
        used, files = outcome.memory["gateway"], outcome.files["gateway"]
        lines.append(
            f"- gateway with {outcome.scenario.connections} connections that get one job: {mebibytes(used)} MiB, of "
            f"which {mebibytes(files)} are pages of the program and its libraries; goal at most {goals.MEMORY}: "
            + goals.verdict(used <= goals.MEMORY * 2**20)
        )
        lines.append(f"- gateway while it started: {mebibytes(outcome.startup['gateway'])} MiB")
    worst = max(passage.growth / passage.size for passage in passages if passage.name == "gateway")
    lines.append(
        f"- gateway while a large answer passes: {worst:.2f} times its size, goal at most {goals.ANSWER}: "
        + goals.verdict(worst <= goals.ANSWER)
    )
    return lines


def workers_lines(rounds: list[Round]) -> list[str]:
    rows = [
        ["1", spread([one.one for one in rounds]), ""],
        ["2", spread([one.two for one in rounds]), spread([one.share * 100 for one in rounds])],
    ]
    capacity = [one.capacity for one in rounds]
    return [
        *table(["Workers", "CPU-µs a request", "the busier one's share, %"], rows),
        "",
        f"- two carry {spread(capacity)} times one worker's load, goal at least {goals.WORKERS}: "
        + goals.verdict(median(capacity) >= goals.WORKERS),
    ]


def report(
    outcomes: list[Outcome], passages: list[Passage], rounds: list[Round], others: float, count: int, seconds: float
) -> str:
    single = next((outcome for outcome in outcomes if outcome.scenario.key == "single"), None)
    lines = [
        "# Results of `make bench`",
        "",
        *machine.description(),
        f"- gateway: `{' '.join(gateway_arguments('UPSTREAM', 'the API without response_body'))}`",
        f"- Envoy: `{' '.join(ENVOY_ARGUMENTS)}` with [`envoy.yaml`](Comparison/envoy.yaml): the JSON transcoder and "
        "the router, no access log",
        f"- other processes had {others * 100:.0f} % of the machine meanwhile",
        "",
    ]
    lines += paragraph(
        f"Medians of {count} rounds of {seconds:.0f} s each, and the least and the most of them; in each round all "
        f"have their turn. wrk (`-t1`, `-c{settings.CONNECTIONS}` unless said otherwise) and the upstream share core "
        f"{settings.LOAD_CORE}, what is measured has core {settings.CORE}. Ratios are medians of the rounds' own, "
        "which say more than times where a machine is shared."
    )
    lines += ["## CPU time", ""]
    lines += paragraph(
        "CPU-µs of the process a request, in the kernel and out of it (/proc/PID/task/*/schedstat). The limits: "
        "libmicrohttpd with the same bytes as an answer ready made (`Limits/static_answer.c`), and h2load in the "
        "gateway's place, which makes the same calls over one connection."
    )
    lines += [*cost_table(outcomes), "", "## Load and latency", ""]
    lines += paragraph(
        'As many requests as wrk makes; where "of its core" is below 100 %, the core of wrk and the upstream is the '
        "limit, or others had a part of the machine. Peak memory is VmHWM from the first answer to the end of the scenario. "
        "There are 4 connections for 1,000 jobs, so that what is under way when a run ends is little beside what has "
        "been answered."
    )
    lines += [*load_table(outcomes), ""]
    if single:
        lines += ["## One client at a time", ""]
        lines += paragraph(
            "h2load calls the upstream itself, with one stream; wrk has one connection to the others. First as "
            "everywhere else: the upstream and wrk on one core, what is measured, or h2load, on the other, so that "
            "each message between the two wakes a core that sleeps. The gateway does not sleep between messages that come "
            "that closely, which is why it may answer sooner than the upstream itself. Then all on one core, where none "
            "has to be woken; what that costs depends on the machine, and is much in a virtual one."
        )
        lines += latency_table(single, "") + latency_table(single, ON_ONE_CORE)
    lines += ["## Memory", "", *memory_lines(outcomes, passages), "", "## Two workers", ""]
    lines += paragraph(
        "Two cores cannot hold two busy workers, a load generator and an upstream. But what a request costs can be "
        f"counted, with all of them on both cores and {CONNECTIONS} connections: what workers lose to each other would "
        "be in it. If one worker takes c₁ of CPU a request, and two take c₂, then two with a core each carry 2 · c₁ / "
        "c₂ times the load of one. The busier one's share of the CPU time tells how evenly the kernel has spread the "
        f"connections over the two listening sockets. {len(rounds)} rounds of 1 s."
    )
    return "\n".join([*lines, *workers_lines(rounds)]) + "\n"
