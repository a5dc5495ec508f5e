#!/usr/bin/env python3
"""Dashboards and alerts: before promtool, beside what a real gateway exports, and in a real Prometheus."""

import contextlib
import json
import pathlib
import re
import signal
import sys
import threading

import yaml

import promql
from harness import DEPLOY, ROOT, Checks, Process, eventually, expect, free_port, gateway, path, run
from watched import Metrics, Prometheus, Traffic

PROMETHEUS = DEPLOY / "prometheus"
GRAFANA = DEPLOY / "grafana"
RUNBOOK = PROMETHEUS / "RUNBOOK.md"
JOB = "mltraining-gateway"
# What Prometheus and the kubelet export, and the gateway does not.
FOREIGN: promql.Exported = {"up": {}, "container_cpu_cfs_throttled_periods_total": {}}
# Alerts on times, which a busy machine may well have.
TIMED = {"MLTrainingGatewayBusy", "MLTrainingGatewayStarved", "MLTrainingGatewaySlow"}
UNITS = {"short", "s", "bytes", "Bps", "ops", "reqps", "cps", "percentunit"}

check = Checks("monitoring")
work = path("WORK")
rules = [rule for group in yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())["groups"] for rule in group["rules"]]
alerts = {rule["alert"]: rule for rule in rules if "alert" in rule}
records = {rule["record"]: rule for rule in rules if "record" in rule}
dashboard = json.loads((GRAFANA / "mltraining-gateway.json").read_text())
panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def filled_in(expression: str) -> str:
    """An expression of the dashboard as Grafana sends it, for all gateways and a short while."""
    for variable in dashboard["templating"]["list"]:
        value = {"job": JOB, "instance": ".*"}.get(variable["name"], variable.get("query", ""))
        expression = expression.replace(f"${variable['name']}", value)
    return expression.replace("$__rate_interval", "20s").replace("$__interval", "20s")


def anchors(page: pathlib.Path, level: str) -> set[str]:
    """The anchors of a page's headings."""
    found = re.findall(f"^{level}(.+)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}


def quoted_expressions(page: pathlib.Path) -> list[str]:
    """The PromQL within backquotes of a page, but for its fenced blocks."""
    quoted = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL))
    return [code for code in quoted if re.search(r"\b(mltraining_gateway|process)_\w", code)]


# Without a gateway.

with check("promtool takes the rules and the scrape configuration, and has nothing to say of their style"):
    run("promtool", "check", "rules", "--lint=all", "--lint-fatal", PROMETHEUS / "rules.yaml")
    said = run("promtool", "check", "config", "--lint=all", "--lint-fatal", PROMETHEUS / "prometheus.yaml").stdout
    expect("1 rule files found" in said, said)

with check(f"the unit tests of {len(alerts)} alerts and {len(records)} recording rules pass and leave none out"):
    run("promtool", "test", "rules", "rules.test.yaml", cwd=PROMETHEUS)
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yaml").read_text())["tests"]
    cases = [case for test in tests for case in test.get("alert_rule_test", [])]
    for what, wanted in (("fires", True), ("is silent", False)):
        missing = alerts.keys() - {case["alertname"] for case in cases if bool(case["exp_alerts"]) == wanted}
        expect(not missing, f"no test of when it {what}: {', '.join(sorted(missing))}")
    tested = [case["expr"] for test in tests for case in test.get("promql_expr_test", []) if case["exp_samples"]]
    expect(all(name in " ".join(tested) for name in records), "a recording rule has no test")

with check("each alert has its words and a heading of the runbook, each heading an alert; its links lead somewhere"):
    headings = anchors(RUNBOOK, "## ")
    linked = set()
    for name, alert in alerts.items():
        expect(alert["labels"].get("severity") in ("warning", "critical"), f"{name} has no severity")
        expect(all(alert["annotations"].get(key) for key in ("summary", "description", "runbook_url")),
               f"{name} lacks words")
        file, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        expect(ROOT / file == RUNBOOK and anchor in headings, f"{name}: {file} has no heading #{anchor}")
        linked.add(anchor)
    expect(linked == headings, f"headings without an alert: {headings - linked}")
    for target in re.findall(r"\]\(([^)]+)\)", RUNBOOK.read_text()):
        file, _, anchor = target.partition("#")
        page = (PROMETHEUS / file).resolve() if file else RUNBOOK
        expect(page.exists(), f"RUNBOOK.md: there is no {file}")
        expect(not anchor or anchor in anchors(page, "#+ "), f"RUNBOOK.md: {page.name} has no #{anchor}")

with check(f"the dashboard is what its script writes: {len(panels)} panels with units, legends, words, side by side"):
    run(sys.executable, GRAFANA / "dashboard.py", "--check")
    expect(dashboard["schemaVersion"] >= 38 and dashboard["uid"] and dashboard["title"], "no version, uid or title")
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    expect(variables["datasource"]["type"] == "datasource", "no variable for the data source")
    ids = [panel["id"] for panel in dashboard["panels"]]
    expect(len(ids) == len(set(ids)), "a panel's id is there twice")
    taken: dict[tuple[int, int], int] = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        expect(0 <= place["x"] and place["x"] + place["w"] <= 24, f"panel {panel['id']} is off the screen")
        for cell in ((place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])):
            expect(cell not in taken, f"panel {panel['id']} lies on {taken.get(cell)}")
            taken[cell] = panel["id"]
    for panel in panels:
        title = panel["title"]
        expect(panel["fieldConfig"]["defaults"]["unit"] in UNITS, f"{title}: no unit that Grafana has")
        expect(panel["description"], f"{title}: no description")
        expect(panel["targets"] and panel["type"] in ("timeseries", "stat"), f"{title}: shows nothing")
        for target in [panel, *panel["targets"]]:
            expect(target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, f"{title}: data source")
        for target in panel["targets"]:
            expect(panel["type"] == "stat" or target["legendFormat"], f"{title}: no legend")
            expect("$" not in re.sub(r"\$(__rate_interval|" + "|".join(variables) + r")\b", "", target["expr"]),
                   f"{title}: a variable that there is none of")


# With one, and a Prometheus.

def with_a_gateway() -> None:
    with contextlib.ExitStack() as stack:
        started = False
        with check("the gateway, the local service and Debian's Prometheus with what is shipped start"):
            (work / "keys").write_text("monitor secret\n")
            upstream = f"127.0.0.1:{free_port()}"
            local = stack.enter_context(Process(
                path("LOCAL"), "serve", "--listen", upstream, "--data-dir", work / "jobs", "--api-keys", work / "keys"))
            local.wait_for_line("mltraining-local listening on ")
            process, address, admin = stack.enter_context(gateway(
                upstream, "--workers", "1", "--viam-auth", "client-key", "--max-requests-in-flight", "8",
                "--max-connections", "32", "--access-log", "json", "--access-log-file", "/dev/null"))
            traffic = stack.enter_context(Traffic(address))
            eventually("the gateway answers", lambda: traffic.ask("GET", "/v1/containers") == 200)
            expect(traffic.ask("GET", "/v1/containers", key="wrong") == 401, "a wrong key is taken")
            prometheus = stack.enter_context(Prometheus(work / "prometheus", admin))
            eventually("Prometheus answers", prometheus.ready)
            started = True
        if not started:
            return
        healthy(prometheus)
        faulty(prometheus, traffic, local, admin)
        names_of(Metrics(admin).exported())
        with check("when the gateway stops, the alert on that fires"):
            process.stop()
            prometheus.fires("MLTrainingGatewayDown", admin)


def healthy(prometheus: Prometheus) -> None:
    count = sum(len(panel["targets"]) for panel in panels)
    with check(f"Prometheus scrapes the gateway, and each of the {count} expressions of the dashboard has a result"):
        for panel in panels:
            for target in panel["targets"]:
                query = filled_in(target["expr"])
                found = eventually(f"{panel['title']}: {query} has a result",
                                   lambda query=query: prometheus.series(query))
                for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                    # Prometheus leaves out labels that are empty, as the route of requests that match none.
                    expect(any(label in each for each in found), f"{panel['title']}: its series have no {label}")

    with check("so have its variables, and its annotation is no error"):
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]).groups()
                expect(prometheus.get(f"label/{label}/values", **{"match[]": metric}), f"no {label}")
        for annotation in dashboard["annotations"]["list"]:
            prometheus.get("query", query=filled_in(annotation["expr"]))

    with check("all rules are evaluated without error, each record has a result, and no alert fires while all is well"):
        eventually("all rules were evaluated", lambda: all(rule["health"] != "unknown" for rule in prometheus.rules()))
        for rule in prometheus.rules():
            expect(rule["health"] == "ok", f"{rule['name']}: {rule['health']} {rule.get('lastError')}")
        expect({rule["name"] for rule in prometheus.rules()} == alerts.keys() | records.keys(), "not the file's rules")
        for name in records:
            eventually(f"{name} has a result", lambda name=name: prometheus.series(name))
        # Those that need two evaluations have had them; before the first scrape some fired, as there was no gateway.
        eventually("a few scrapes", lambda: prometheus.series(f'count_over_time(up{{job="{JOB}"}}[1m]) >= 5'))
        eventually("no alert fires", lambda: not prometheus.firing().keys() - TIMED)


def faulty(prometheus: Prometheus, traffic: Traffic, local: Process, admin: str) -> None:
    def too_many(count: int) -> None:
        for client in traffic.open(count, "/v1/containers"):
            client.close()

    with check("when clients are turned away, the alert on that fires"):
        prometheus.fires("MLTrainingGatewayAtLimit", admin, provoke=lambda: too_many(40))

    with check("when the upstream is killed with a submit in flight, the alerts on both fire"):
        traffic.end()
        in_flight = "mltraining_gateway_requests_in_flight"
        eventually("no request is in flight", lambda: Metrics(admin).value(in_flight) == 0)
        # It answers nothing from here on: a deadline passes, and requests are in flight for long.
        local.child.send_signal(signal.SIGSTOP)
        expect(traffic.ask("GET", "/v1/containers", **{"Grpc-Timeout": "100m"}) == 504, "no deadline has passed")
        clients = traffic.open(12, "/v1/containers")
        eventually("as many requests are in flight as may be", lambda: Metrics(admin).value(in_flight) == 8)
        for client in clients:
            client.close()
        eventually("they are given up", lambda: Metrics(admin).value(in_flight) == 0)
        statuses: list[int] = []
        submit = threading.Thread(target=lambda: statuses.append(traffic.submit()), daemon=True)
        submit.start()
        eventually("the submit is in flight", lambda: Metrics(admin).value(in_flight) == 1)
        local.child.kill()
        submit.join(30)
        expect(statuses == [503], f"the submit was answered {statuses}")
        prometheus.fires("MLTrainingGatewayOutcomeUnknown", admin, "1 such calls")
        prometheus.fires("MLTrainingGatewayUpstreamAway", admin)


def names_of(exported: promql.Exported) -> None:
    known = {**FOREIGN, **exported}
    for name, rule in records.items():
        known[name] = {label: None for label in promql.result_labels(rule["expr"])}
    known["phase:mltraining_gateway_phase_duration_seconds:p99_5m"]["phase"] = exported[
        "mltraining_gateway_phase_duration_seconds_bucket"]["phase"]

    def faults(board: dict) -> list[str]:
        queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
        queries += [annotation["expr"] for annotation in board["annotations"]["list"]]
        return [fault for query in queries for fault in promql.faults(filled_in(query), known, JOB)]

    with check("each metric, label and value that a panel names is one that the gateway exports"):
        wrong = faults(dashboard)
        expect(not wrong, "\n".join(wrong))

    with check("each that a rule, the runbook or a guide names, too; metrics of the Kubernetes files are there"):
        wrong = [f"{rule.get('alert') or rule.get('record')}: {fault}" for rule in rules
                 for fault in promql.faults(rule["expr"], known, JOB)]
        for page in (RUNBOOK, ROOT / "docs/monitoring.md", ROOT / "docs/capacity.md"):
            queries = quoted_expressions(page)
            expect(queries, f"{page.name} names no metric")
            wrong += [f"{page.name}: {fault}" for query in queries for fault in promql.faults(query, known, JOB)]
        for file in sorted((DEPLOY / "kubernetes").rglob("*.yaml")):
            wrong += [f"{file.name}: there is no metric {name}" for name in
                      re.findall(r"\bmltraining_gateway_\w+", file.read_text()) if name not in known]
        expect(not wrong, "\n".join(wrong))

    with check("a panel with another metric, label or value than the gateway's would have been found"):
        for right, other in (("requests_total", "request_total"), ("by (failed_by)", "by (culprit)"),
                             ('state=\\"ready\\"', 'state=\\"READY\\"'), ('code=~', 'status=~')):
            text = json.dumps(dashboard)
            expect(right in text, f"the dashboard has no {right}")
            expect(faults(json.loads(text.replace(right, other))), f"{other} was taken")


with_a_gateway()
check.finish()
