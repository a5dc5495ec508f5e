"""What the gateway is to reach, and whether it does."""

# CPU-us a request, and the most of Envoy's, in the same run.
COST = {
    "one-job": (18, 0.20),
    "jobs-10": (30, 0.17),
    "jobs-1000": (1100, 0.09),
    "submit": (16, 0.24),
    "logs-100": (50, 0.16),
    "missing": (15, 0.28),
}
# One client at a time: microseconds that are added to the upstream's own, and the most of what Envoy adds.
ADDED_LATENCY = (40, 0.5)
# MiB with 64 connections; times the largest answer while it passes; times the load of one worker that two carry.
MEMORY = 16
ANSWER = 3
WORKERS = 1.8


def verdict(*reached: bool) -> str:
    return "pass" if all(reached) else "**miss**"
