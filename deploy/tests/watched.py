"""A gateway with traffic, and Debian's Prometheus that watches it with the configuration and rules that are shipped."""

import base64
import contextlib
import http.client
import json
import math
import pathlib
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import promql
from harness import DEPLOY, CheckFailed, Process, eventually, expect, free_port

FILES = DEPLOY / "prometheus"


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"monitor:{key}".encode()).decode()


class Traffic(threading.Thread):
    """Requests for as long as it runs, some of them wrong ones, with the key `monitor secret`."""

    def __init__(self, address: str):
        super().__init__(daemon=True)
        self.address = address
        self.over = threading.Event()

    def ask(self, method: str, target: str, body: object = None, key: str = "secret", **headers: str) -> int:
        """The status of the answer to a request on a connection of its own."""
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=20)) as connection:
            connection.request(method, target, json.dumps(body) if body is not None else None,
                               {"Authorization": basic(key), "Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def submit(self) -> int:
        return self.ask("POST", "/v1/jobs", {
            "organizationId": "0b9fd0a5-3b7c-4d6e-9a52-6f1c2d3e4f50", "datasetId": "66d5f1c2a7b3c4d5e6f70811",
            "modelName": "demo", "modelVersion": str(time.time_ns()), "modelType": "MODEL_TYPE_OBJECT_DETECTION",
            "modelFramework": "MODEL_FRAMEWORK_TFLITE", "tags": ["cat"]})

    def open(self, count: int, target: str) -> list[socket.socket]:
        """Connections with a request on each, whose answer is not waited for."""
        host, _, port = self.address.rpartition(":")
        request = f"GET {target} HTTP/1.1\r\nHost: {self.address}\r\nAuthorization: {basic('secret')}\r\n\r\n".encode()
        clients = [socket.create_connection((host, int(port)), timeout=20) for _ in range(count)]
        for client in clients:
            # One that is turned away may be closed already.
            with contextlib.suppress(OSError):
                client.sendall(request)
        return clients

    def run(self) -> None:
        while not self.over.is_set():
            # The gateway may have as many connections as it takes.
            with contextlib.suppress(OSError, http.client.HTTPException):
                for target in ("/v1/containers", "/v1/jobs/none", "/nothing/here", "/v1/jobs?nope=1"):
                    self.ask("GET", target)
                self.submit()
            self.over.wait(0.05)

    def end(self) -> None:
        self.over.set()
        self.join(30)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()


class Prometheus:
    """Debian's, in `folder`, with the files that are shipped but for the target and the times, which are a second."""

    def __init__(self, folder: pathlib.Path, target: str):
        folder.mkdir()
        (folder / "rules.yaml").write_text(replaced("rules.yaml", r"for: \w+", "for: 1s"))
        configuration = replaced("prometheus.yaml", r"interval: 15s", "interval: 1s")
        expect(configuration.count("127.0.0.1:9901") == 1, "prometheus.yaml has no target 127.0.0.1:9901")
        (folder / "prometheus.yaml").write_text(configuration.replace("127.0.0.1:9901", target))
        self.port = free_port()
        self.process = Process(
            "prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn")

    def ready(self) -> bool:
        """Whether it answers queries."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
            return True
        return False

    def get(self, what: str, **query: str) -> dict:
        """The data of an answer of its HTTP API; what it says is wrong fails the check."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise CheckFailed(f"{query or what}: {error.read().decode()}") from None

    def series(self, expression: str) -> list[dict]:
        """The labels of those series of an expression that have a number now."""
        found = self.get("query", query=expression)["result"]
        return [each["metric"] for each in found if math.isfinite(float(each["value"][1]))]

    def rules(self) -> list[dict]:
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]

    def firing(self) -> dict[str, dict]:
        """The alerts that fire, by name."""
        active = self.get("alerts")["alerts"]
        return {alert["labels"]["alertname"]: alert for alert in active if alert["state"] == "firing"}

    def fires(self, name: str, *words: str, provoke=lambda: None) -> None:
        """Waits for an alert, which must say `words`; calls `provoke` again and again until then."""
        def look() -> dict | None:
            provoke()
            return self.firing().get(name)
        alert = eventually(f"{name} fires", look, 40)
        text = " ".join(alert["annotations"].values())
        expect("<no value>" not in text and "{{" not in text and "<error" not in text, f"{name} says: {text}")
        for word in words:
            expect(word in text, f"{name} does not say “{word}”: {text}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.__exit__()


def replaced(name: str, pattern: str, by: str) -> str:
    """A shipped file with all matches of `pattern` replaced, of which there must be one."""
    text, count = re.subn(pattern, by, (FILES / name).read_text())
    expect(count, f"{name} has no {pattern}")
    return text


class Metrics:
    """What the gateway's `/metrics` has now."""

    def __init__(self, admin: str):
        with urllib.request.urlopen(f"http://{admin}/metrics", timeout=20) as answer:
            self.text = answer.read().decode()

    def exported(self) -> promql.Exported:
        return promql.parse_metrics(self.text)

    def value(self, sample: str) -> float:
        """Of a metric, or of one with its labels; 0 if it is not there."""
        found = re.search(rf"^{re.escape(sample)} (\S+)$", self.text, re.MULTILINE)
        return float(found[1]) if found else 0
