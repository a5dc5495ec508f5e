#!/usr/bin/env python3
"""usage: dashboard.py [--check]

Writes mltraining-gateway.json beside this file, the dashboard to import into Grafana. With --check it only says whether
that is what it would write. ROWS has the panels.
"""

import dataclasses
import json
import pathlib
import sys

FILE = pathlib.Path(__file__).with_name("mltraining-gateway.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Which gateways: each selector of an expression ends in it.
ONLY = 'job=~"$job",instance=~"$instance"'


def metric(name: str, *matchers: str) -> str:
    """A metric of the gateways that the variables choose."""
    return f"{name}{{{','.join([*matchers, ONLY])}}}"


def gateway(name: str, *matchers: str) -> str:
    return metric("mltraining_gateway_" + name, *matchers)


def rate(series: str) -> str:
    return f"rate({series}[$__rate_interval])"


def total(expression: str, *labels: str) -> str:
    return f"sum by ({', '.join(labels)}) ({expression})" if labels else f"sum({expression})"


def quantile(share: float, name: str, *labels: str) -> str:
    return f"histogram_quantile({share}, {total(rate(gateway(name + '_bucket')), 'le', *labels)})"


@dataclasses.dataclass
class Panel:
    title: str
    description: str
    unit: str
    # Pairs of an expression and the legend of its series.
    targets: list[tuple[str, str]]
    kind: str = "timeseries"
    stacked: bool = False
    # From which value on a single number is yellow, and red; the other way round where less is worse.
    warn: tuple[float, float] | None = None
    decimals: int | None = None

    def json(self, number: int, x: int, y: int, width: int, height: int) -> dict:
        stat = self.kind == "stat"
        defaults: dict = {"unit": self.unit, "min": 0}
        if self.decimals is not None:
            defaults["decimals"] = self.decimals
        if stat:
            defaults |= {"noValue": "none", "color": {"mode": "thresholds"}, "thresholds": self.thresholds()}
        else:
            defaults["custom"] = {
                "drawStyle": "line", "lineWidth": 1, "showPoints": "never", "fillOpacity": 25 if self.stacked else 5,
                "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"}}
        options: dict = {
            "legend": {"showLegend": True, "displayMode": "table", "placement": "bottom",
                       "calcs": ["lastNotNull", "max"]},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
        if stat:
            options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "graphMode": "area",
                       "colorMode": "value", "textMode": "auto"}
        return {
            "id": number, "type": self.kind, "title": self.title, "description": self.description, "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": width, "h": height},
            "fieldConfig": {"defaults": defaults, "overrides": []}, "options": options,
            "targets": [
                {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
                for place, (expression, legend) in enumerate(self.targets)],
        }

    def thresholds(self) -> dict:
        steps = [{"color": "green", "value": None}]
        if self.warn and self.warn[0] <= self.warn[1]:
            steps += [{"color": "yellow", "value": self.warn[0]}, {"color": "red", "value": self.warn[1]}]
        elif self.warn:
            steps = [{"color": "red", "value": None}, {"color": "yellow", "value": self.warn[1]},
                     {"color": "green", "value": self.warn[0]}]
        return {"mode": "absolute", "steps": steps}


REQUESTS = gateway("requests_total")
FAILED = gateway("failed_requests_total", 'failed_by!="client"')
WORKERS = gateway("workers")
CPU = rate(metric("process_cpu_seconds_total"))
READY = gateway("upstream_workers", 'state="ready"')

# Titles of rows, each with its lines of panels.
ROWS: list[tuple[str, list[list[Panel]]]] = [
    ("Now", [[
        Panel("Gateways", "Share of those that Prometheus knows which answer it.", "percentunit",
              [(f"avg({metric('up')})", "")], "stat", warn=(1, 0.5), decimals=0),
        Panel("Requests", "Of all clients.", "reqps", [(total(rate(REQUESTS)), "")], "stat", decimals=1),
        Panel("Failing", "Share of requests that fail, but not by the clients' fault.", "percentunit",
              [(f"({total(rate(FAILED))} or vector(0)) / {total(rate(REQUESTS))}", "")], "stat",
              warn=(0.01, 0.05), decimals=2),
        Panel("Upstream", "Share of the workers' connections to upstream addresses that are there.", "percentunit",
              [(f"{total(READY)} / {total(gateway('upstream_workers'))}", "")], "stat", warn=(1, 0.5), decimals=0),
        Panel("p99", "The duration that 99 % of requests stay below, streams included.", "s",
              [(quantile(0.99, "request_duration_seconds"), "")], "stat", warn=(1, 5)),
        Panel("CPU of workers", "Share of the time that the workers have, if each has a core.", "percentunit",
              [(f"{total(CPU)} / {total(WORKERS)}", "")], "stat", warn=(0.6, 0.8), decimals=0),
    ]]),
    ("Requests", [[
        Panel("By code", "499: the client had gone before its answer.", "reqps",
              [(total(rate(REQUESTS), "code"), "{{code}}")], stacked=True),
        Panel("By route", "No route: the path matches none.", "reqps",
              [(total(rate(REQUESTS), "method", "route"), "{{method}} {{route}}")], stacked=True),
        Panel("Errors by route", "Answers of 400 and more.", "reqps",
              [(total(rate(gateway("requests_total", 'code=~"[45].."')), "code", "method", "route"),
                "{{code}} {{method}} {{route}}")]),
    ], [
        Panel("Failed, by whom", "Whose fault it was. gateway should stay at nothing; clients make mistakes.", "reqps",
              [(total(rate(gateway("failed_requests_total")), "failed_by"), "{{failed_by}}")]),
        Panel("The gateway's own errors", "By reason; docs/errors.md has what to do about each.", "reqps",
              [(total(rate(gateway("errors_total")), "reason"), "{{reason}}")]),
        Panel("Content", "Bytes of requests and answers as they were sent, compressed perhaps.", "Bps",
              [(total(rate(gateway("request_body_bytes_total"))), "received"),
               (total(rate(gateway("response_body_bytes_total"))), "sent")]),
    ]]),
    ("How long", [[
        Panel("Requests", "From the request line to the last byte of the answer.", "s",
              [(quantile(0.5, "request_duration_seconds"), "p50"), (quantile(0.9, "request_duration_seconds"), "p90"),
               (quantile(0.99, "request_duration_seconds"), "p99")]),
        Panel("Phases, p50", "Of the requests that have the phase. gateway: this program's own work; queue: waiting "
              "for a connection or a stream; send: until the client has it, of a stream all of it.", "s",
              [(quantile(0.5, "phase_duration_seconds", "phase"), "{{phase}}")]),
        Panel("Phases, p99", "As beside.", "s", [(quantile(0.99, "phase_duration_seconds", "phase"), "{{phase}}")]),
        Panel("Routes, p99", "Of the requests of each route.", "s",
              [(quantile(0.99, "request_duration_seconds", "route"), "{{route}}")]),
    ]]),
    ("How full", [[
        Panel("In flight", "Requests of one gateway that wait for their answer or send it, and how many may: what is "
              "beyond gets a 503. The limit is no metric; a variable of the dashboard has it.", "short",
              [(gateway("requests_in_flight"), "{{instance}}"),
               ("vector($max_in_flight)", "limit of each")]),
        Panel("Connections", "Of one gateway's clients, and how many may be; a variable has the limit.", "short",
              [(gateway("connections"), "{{instance}}"),
               ("vector($max_connections)", "limit of each")]),
        Panel("New connections", "As many as requests: clients do not keep theirs, which costs CPU.", "cps",
              [(total(rate(gateway("connections_accepted_total")), "instance"), "{{instance}}")]),
        Panel("Waiting", "Calls for a connection or a free stream, requests for a sign-in. More than nothing for long: "
              "the upstream allows too little.", "short",
              [(total(gateway("calls_waiting"), "instance"), "calls of {{instance}}"),
               (total(gateway("requests_waiting_for_sign_in"), "instance"), "for sign-in at {{instance}}")]),
    ]]),
    ("Upstream", [[
        Panel("Workers by state of the address", "Each worker has its own connection to each address; ready should be "
              "all workers.", "short",
              [(total(gateway("upstream_workers"), "address", "state"), "{{address}} {{state}}"),
               (total(WORKERS), "all workers")]),
        Panel("Calls by method and status", "gRPC calls that have ended.", "ops",
              [(total(rate(gateway("calls_total")), "grpc_method", "grpc_status"),
                "{{grpc_status}} {{grpc_method}}")], stacked=True),
        Panel("Attempts, repeats, given up", "Streams opened; calls made anew after a wait (delayed) or as no server "
              "had seen them (transparent); calls given up, mostly since the client had gone.", "ops",
              [(total(rate(gateway("call_attempts_total"))), "attempts"),
               (total(rate(gateway("call_retries_total")), "kind"), "repeats, {{kind}}"),
               (total(rate(gateway("call_cancellations_total"))), "given up")]),
    ], [
        Panel("Connects", "Attempts to connect. A start or a reload (SIGHUP) connects each worker anew, once.", "ops",
              [(total(rate(gateway("upstream_connections_total")), "result"), "{{result}}")]),
        Panel("HTTP/2", "Bytes to and from the upstream, without TLS.", "Bps",
              [(total(rate(gateway("upstream_sent_bytes_total"))), "sent"),
               (total(rate(gateway("upstream_received_bytes_total"))), "received")]),
        Panel("Sign-ins", "Where the gateway signs in to Viam.", "ops",
              [(total(rate(gateway("sign_ins_total")), "result"), "{{result}}")]),
    ]]),
    ("Process", [[
        Panel("CPU", "1 is a core; a gateway can use as many as it has workers.", "short",
              [(total(CPU, "instance"), "{{instance}}"),
               (f"max({WORKERS})", "workers of one")]),
        Panel("CPU a request", "What docs/capacity.md reckons with. Next to nothing to do makes it dearer.", "s",
              [(f"{total(CPU, 'instance')} / {total(rate(REQUESTS), 'instance')}",
                "{{instance}}")]),
        Panel("Memory", "Resident; some 30 MiB to begin with.", "bytes",
              [(metric("process_resident_memory_bytes"), "{{instance}}")]),
    ], [
        Panel("File descriptors", "In use, of those that may be.", "percentunit",
              [(f"{metric('process_open_fds')} / {metric('process_max_fds')}", "{{instance}}")]),
        Panel("Log lines dropped", "Where there is an access log whose reader does not keep up.", "cps",
              [(total(rate(gateway("access_log_lines_dropped_total")), "instance"), "{{instance}}")]),
        Panel("Running for", "Since the start of each process.", "s",
              [(f"time() - {metric('process_start_time_seconds')}", "{{instance}}")]),
        Panel("Gateways by version", "More than one for long: a roll-out has not ended.", "short",
              [(f"count by (version) ({gateway('build_info')})", "{{version}}")]),
    ]]),
]


def variable(name: str, label: str, **more: object) -> dict:
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1, "multi": True,
            "query": f"label_values(mltraining_gateway_build_info, {name})", "includeAll": True,
            "current": {"text": "All", "value": "$__all"}, **more}


def limit(name: str, label: str, value: int) -> dict:
    current = {"text": str(value), "value": str(value)}
    return {"name": name, "label": label, "type": "textbox", "query": str(value), "current": current,
            "options": [current]}


def dashboard() -> dict:
    panels: list[dict] = []
    y = 0
    for title, lines in ROWS:
        panels.append({"id": len(panels) + 1, "type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
        y += 1
        for line in lines:
            width, height = 24 // len(line), 4 if line[0].kind == "stat" else 9
            for place, panel in enumerate(line):
                panels.append(panel.json(len(panels) + 1, place * width, y, width, height))
            y += height
    return {
        "title": "ML training gateway", "uid": "mltraining-gateway", "schemaVersion": 38, "version": 1,
        "editable": True, "tags": ["mltraining-gateway"], "graphTooltip": 1,
        "time": {"from": "now-3h", "to": "now"}, "refresh": "30s",
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "current": {}},
            # All jobs are those of gateways, as up{job=~".*"} would be of anything; all instances also those down.
            variable("job", "Job"), variable("instance", "Gateway", allValue=".*"),
            limit("max_in_flight", "--max-requests-in-flight", 10000),
            limit("max_connections", "--max-connections", 16384),
        ]},
        "annotations": {"list": [{
            "name": "Starts", "datasource": SOURCE, "enable": True, "iconColor": "blue",
            "expr": f"changes({metric('process_start_time_seconds')}[$__interval]) > 0",
            "titleFormat": "{{instance}} started",
        }]},
        "panels": panels,
    }


def main() -> None:
    text = json.dumps(dashboard(), indent=2) + "\n"
    if sys.argv[1:] == ["--check"]:
        if FILE.read_text() != text:
            sys.exit(f"{FILE} is not what {pathlib.Path(__file__).name} writes: run it, and commit both")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        FILE.write_text(text)


if __name__ == "__main__":
    main()
