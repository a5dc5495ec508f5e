"""Reads an exposition as Prometheus does, and says what is wrong with it: `check_metrics.py FILE`."""

import math
import re
import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()

problems = []
seen = set()
names = set()
if not text.endswith("\n"):
    problems.append("the last line has no end")
for family in text_string_to_metric_families(text):
    if family.name in names:
        problems.append(f"{family.name}: comes twice")
    names.add(family.name)
    if family.type == "unknown" or not family.documentation:
        problems.append(f"{family.name}: no type, or no help")
    # https://prometheus.io/docs/practices/naming/
    if not re.fullmatch(r"(mltraining_gateway|process)_[a-z_]+", family.name):
        problems.append(f"{family.name}: not a good name")
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        if key in seen:
            problems.append(f"{key}: comes twice")
        seen.add(key)
        if sample.value < 0 or math.isnan(sample.value):
            problems.append(f"{key}: {sample.value}")
        if family.type == "counter" and not sample.name.endswith("_total"):
            problems.append(f"{sample.name}: a counter ends in _total")
    if family.type == "histogram":
        groups = {}
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            group = groups.setdefault(tuple(sorted(labels.items())), {"buckets": []})
            if sample.name.endswith("_bucket"):
                group["buckets"].append((float(sample.labels["le"]), sample.value))
            else:
                group[sample.name[len(family.name) :]] = sample.value
        for labels, group in groups.items():
            bounds = [bound for bound, _ in group["buckets"]]
            counts = [count for _, count in group["buckets"]]
            if bounds != sorted(bounds) or counts != sorted(counts) or bounds[-1] != math.inf:
                problems.append(f"{family.name}{labels}: buckets out of order")
            if counts[-1] != group["_count"]:
                problems.append(f"{family.name}{labels}: {counts[-1]} in buckets, {group['_count']} in all")
for name in [
    "mltraining_gateway_requests", "mltraining_gateway_request_duration_seconds", "mltraining_gateway_build_info",
    "mltraining_gateway_access_log_lines_dropped", "process_cpu_seconds", "process_open_fds",
]:
    if name not in names:
        problems.append(f"{name} is missing")
print("\n".join(problems) or "ok")
