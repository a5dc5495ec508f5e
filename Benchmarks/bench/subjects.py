"""What is measured: the gateway, others that do the same, and the two limits."""

import http.client
import pathlib
import re
import subprocess
import time
from dataclasses import dataclass, field

from bench import settings
from bench.processes import Failed, Process, Processes, free_port
from bench.scenarios import Answer, Scenario, plain_descriptor_set


@dataclass
class Subject:
    name: str
    process: Process
    address: str


@dataclass
class Stage:
    """An upstream with a scenario's answer, and what stands in front of it, for as long as `processes` is open."""

    processes: Processes
    folder: pathlib.Path
    upstream: str = ""
    upstream_process: Process | None = None
    subjects: dict[str, Subject] = field(default_factory=dict)

    def start_upstream(
        self,
        *answers: tuple[str, Answer],
        arguments: tuple[str, ...] = (),
        cores: tuple[int, ...] | None = (settings.LOAD_CORE,),
    ) -> None:
        command = [settings.canned_upstream(), *arguments]
        for method, answer in answers:
            command += answer.arguments(method, self.folder)
        self.upstream_process = self.processes.start("upstream", command, cores)
        self.upstream = self.upstream_process.address()

    def add(self, name: str, process: Process, address: str) -> Subject:
        self.subjects[name] = Subject(name, process, address)
        return self.subjects[name]

    def descriptor_set(self) -> pathlib.Path:
        file = self.folder / "plain.binpb"
        if not file.exists():
            file.write_bytes(plain_descriptor_set())
        return file

    def start_gateway(
        self,
        workers: int = 1,
        cores: tuple[int, ...] | None = (settings.CORE,),
        arguments: tuple[str, ...] = (),
        prefix: tuple[object, ...] = (),
        environment: dict[str, str] | None = None,
        program: pathlib.Path | None = None,
    ) -> Subject:
        command = [
            *prefix,
            program or settings.gateway(),
            *gateway_arguments(self.upstream, self.descriptor_set(), workers),
            *arguments,
        ]
        process = self.processes.start("gateway", command, cores, environment)
        return self.add("gateway", process, process.address())

    def start_envoy(self) -> Subject:
        port = free_port()
        configuration = self.folder / f"envoy.{port}.yaml"
        text = (settings.BENCHMARKS / "Comparison/envoy.yaml").read_text()
        for word, value in [
            ("@PORT@", str(port)),
            ("@UPSTREAM_PORT@", self.upstream.rpartition(":")[2]),
            ("@DESCRIPTOR_SET@", str(self.descriptor_set())),
        ]:
            text = text.replace(word, value)
        configuration.write_text(text)
        process = self.processes.start(
            "Envoy", [settings.envoy(), "-c", configuration, *ENVOY_ARGUMENTS], (settings.CORE,)
        )
        return self.add("Envoy", process, f"127.0.0.1:{port}")

    def start_static_answer(self, program: pathlib.Path, status: int, content: bytes) -> Subject:
        file = self.folder / "static-answer.content"
        file.write_bytes(content)
        process = self.processes.start("static-answer", [program, status, file], (settings.CORE,))
        return self.add("libmicrohttpd", process, process.address())


ENVOY_ARGUMENTS = ("--concurrency", "1", "--disable-hot-restart", "-l", "warning")


def gateway_arguments(upstream: str, descriptor_set: object, workers: int = 1) -> list[str]:
    return [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "off",
        "--workers",
        str(workers),
        "--descriptor-set",
        str(descriptor_set),
        "--upstream",
        f"http://{upstream}",
    ]


def build_static_answer(folder: pathlib.Path) -> pathlib.Path:
    """Compiles Limits/static_answer.c."""
    program = folder / "static-answer"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libmicrohttpd"], check=True, capture_output=True, text=True
    )
    subprocess.run(
        [
            "gcc",
            "-O2",
            "-Wall",
            "-Werror",
            "-o",
            program,
            settings.BENCHMARKS / "Limits/static_answer.c",
            *flags.stdout.split(),
        ],
        check=True,
    )
    return program


def envoy_version() -> str:
    told = subprocess.run([settings.envoy(), "--version"], check=True, capture_output=True, text=True).stdout
    return re.search(r"version: [^/]*/([^/]*)/", told)[1]


def ask(scenario: Scenario, address: str, path: str | None = None) -> tuple[int, bytes]:
    """The scenario's request, once."""
    host, _, port = address.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request(scenario.verb, path or scenario.target, scenario.body or None, scenario.headers())
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def await_answer(scenario: Scenario, subject: Subject, seconds: float = 30) -> bytes:
    """The content of the first answer with the status that the scenario is to have."""
    deadline = time.monotonic() + seconds
    while True:
        subject.process.check()
        try:
            status, content = ask(scenario, subject.address)
            if scenario.is_answered(status):
                return content
            told = f"{status} {content[:200]!r}"
        except OSError as error:
            told = str(error)
        if time.monotonic() > deadline:
            raise Failed(f"{subject.name} answers {scenario.key} with {told}, not with {scenario.status}")
        time.sleep(0.05)
