"""`make compare`: what others do with the same requests, and what they answer."""

import http.client
import os
import pathlib
import shutil
import subprocess
import sys

from bench import machine, scenarios, settings, subjects
from bench.load import Run, wrk
from bench.processes import Failed, Processes
from bench.scenarios import JSON, Answer, Scenario, message
from bench.subjects import Stage, Subject
from bench.tables import mebibytes, ratio, short, spread, table

GRPC_GATEWAY_PACKAGES = (
    "golang-go",
    "golang-grpc-gateway",
    "protoc-gen-go-1-3",
    "golang-github-grpc-ecosystem-grpc-gateway-dev",
)
POST = {"method": "POST", "headers": {"Content-Type": JSON}}
NO_CONTAINER = Scenario(
    "no-container",
    "a 404 of the service",
    "GetContainer",
    "/v1/containers/none",
    Answer(code=5, text="no container none"),
    status=404,
)
# What each is asked: in words, the path, and what differs from a plain GET.
QUESTIONS: list[tuple[str, str, dict]] = [
    ("GET one job", "/v1/jobs/a", {}),
    ("HEAD", "/v1/jobs/a", {"method": "HEAD"}),
    ("an error of the service", "/v1/containers/none", {}),
    ("an error with details", "/v1/jobs/a:cancel", {**POST, "body": "{}"}),
    ("unknown field in the body", "/v1/jobs", {**POST, "body": '{"orgnizationId": "x"}'}),
    ("wrong type in the body", "/v1/jobs", {**POST, "body": '{"organizationId": "x", "tags": "cat"}'}),
    ("the same field in the .proto spelling", "/v1/jobs", {**POST, "body": '{"organization_id": "x"}'}),
    ("what follows the JSON", "/v1/jobs", {**POST, "body": '{"organizationId": "x"} garbage'}),
    ("unknown query parameter", "/v1/jobs?organizatoinId=x", {}),
    ("query parameter in lowerCamelCase", "/v1/jobs?organizationId=x", {}),
    ("enum in the query by its short name", "/v1/jobs?organizationId=x&status=in_progress", {}),
    ("wrong method", "/v1/jobs/a", {"method": "PUT"}),
    ("no route", "/nope", {}),
    ("an encoded slash", "/v1/jobs/a%2Fb", {}),
    ("an id with a colon", "/v1/jobs/a:b", {}),
    ("gzip wanted", "/v1/jobs?organizationId=x", {"headers": {"Accept-Encoding": "gzip"}}),
    (
        "content type that is not JSON",
        "/v1/jobs",
        {"method": "POST", "headers": {"Content-Type": "text/plain"}, "body": "{}"},
    ),
    ("OPTIONS", "/v1/jobs/a", {"method": "OPTIONS"}),
    ("problem+json", "/v1/containers/none", {"headers": {"Accept": "application/problem+json"}}),
]
SHOWN_FIELDS = ("allow", "content-encoding", "content-type", "etag", "location")


def ended() -> Answer:
    status = message("google.rpc.Status", code=9, message="it has ended")
    failure = message("google.rpc.PreconditionFailure")
    failure.violations.add(type="STATUS")
    status.details.add().Pack(failure)
    return Answer(code=9, text="it has ended", details=status.SerializeToString())


def start_grpc_gateway(stage: Stage) -> Subject:
    """Generates and builds it with Debian's packages, which are in GOPATH's layout."""
    path, made = stage.folder / "go", stage.folder / "made"
    for folder in (made, *(path / "src" / name for name in ("training", "options", "proxy"))):
        folder.mkdir(parents=True)
    packages = [
        "Mmltraining/gateway/v1/options.proto=options",
        "Mviam/app/mltraining/v1/ml_training.proto=training",
        "Mgoogle/protobuf/timestamp.proto=github.com/golang/protobuf/ptypes/timestamp",
        "Mgoogle/protobuf/descriptor.proto=github.com/golang/protobuf/protoc-gen-go/descriptor",
    ]
    mapped = ",".join(packages)
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={stage.descriptor_set()}"]
    service, options = "viam/app/mltraining/v1/ml_training.proto", "mltraining/gateway/v1/options.proto"
    for arguments in (
        [f"--go_out=plugins=grpc,{mapped}:{made}", service],
        [f"--go_out={mapped}:{made}", options],
        [f"--grpc-gateway_out={mapped},import_path=training:{made}", service],
    ):
        subprocess.run([*protoc, *arguments], check=True)
    for file in made.rglob("*.go"):
        text = file.read_text().replace("\npackage viam_app_mltraining_v1\n", "\npackage training\n")
        (path / "src" / ("options" if file.name.startswith("options") else "training") / file.name).write_text(text)
    shutil.copy(settings.BENCHMARKS / "Comparison/grpc-gateway.go", path / "src/proxy/main.go")
    program = stage.folder / "proxy"
    environment = {
        "GO111MODULE": "off",
        "GOPATH": f"{path}:/usr/share/gocode",
        "GOCACHE": os.environ.get("GOCACHE", str(stage.folder / "cache")),
    }
    subprocess.run(["go", "build", "-o", program, "proxy"], check=True, env={**os.environ, **environment})
    process = stage.processes.start(
        "grpc-gateway", [program, "-upstream", stage.upstream], (settings.CORE,), {"GOMAXPROCS": "1"}
    )
    return stage.add("grpc-gateway", process, process.address())


def has_grpc_gateway() -> bool:
    return all(shutil.which(tool) for tool in ("go", "protoc-gen-go", "protoc-gen-grpc-gateway"))


def answer(
    address: str, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: str | None = None
) -> str:
    """Status, some fields, and the beginning of the content, on a line."""
    host, _, port = address.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        told = connection.getresponse()
        fields = " ".join(f"{name}: {value}" for name, value in told.getheaders() if name.lower() in SHOWN_FIELDS)
        text = "".join(character for character in told.read().decode("latin-1")[:200] if " " <= character <= "~")
        return f"{told.status} | {fields} | {text}"
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"
    finally:
        connection.close()


def entity_tag(address: str, path: str) -> str:
    host, _, port = address.partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request("GET", path)
        told = connection.getresponse()
        told.read()
        return told.getheader("ETag") or '"none"'
    finally:
        connection.close()


def compare() -> None:
    rounds, seconds = settings.rounds(7), settings.seconds(3)
    measured = [scenarios.one_job(), scenarios.jobs(10), NO_CONTAINER]
    with settings.work_folder() as name, Processes(pathlib.Path(name)) as processes:
        stage = Stage(processes, pathlib.Path(name))
        stage.start_upstream(
            *((scenario.method, scenario.answer) for scenario in measured),
            ("SubmitTrainingJob", Answer()),
            ("CancelTrainingJob", ended()),
        )
        stage.start_gateway()
        stage.start_envoy()
        if has_grpc_gateway():
            start_grpc_gateway(stage)
        else:
            print(f"without grpc-gateway: its packages are {' '.join(GRPC_GATEWAY_PACKAGES)}", file=sys.stderr)
        print("\n".join(machine.description()))
        if "grpc-gateway" in stage.subjects:
            print(f"- grpc-gateway {machine.package('golang-grpc-gateway')}, {machine.told('go', 'version')}")
        print(
            f"\nwrk -t1 -c{settings.CONNECTIONS}, {rounds} rounds of {seconds:.0f} s; median (least to most); ratios "
            "are medians "
            "of the rounds' own\n"
        )
        print(
            "\n".join(
                table(
                    ["Request", "", "CPU-µs", "times the gateway's", "requests/s"],
                    costs(stage, measured, rounds, seconds),
                    left=2,
                )
            )
        )
        print()
        for subject in stage.subjects.values():
            print(f"peak memory of {subject.name}: {mebibytes(subject.process.memory())} MiB")
        ask_all(stage)


def costs(stage: Stage, measured: list[Scenario], rounds: int, seconds: float) -> list[list[str]]:
    rows = []
    for scenario in measured:
        runs: dict[str, list[Run]] = {}
        for subject in stage.subjects.values():
            subjects.await_answer(scenario, subject)
            wrk(scenario, subject.address, 1, stage.folder, subject.process)
        for _ in range(rounds):
            for subject in stage.subjects.values():
                run = wrk(scenario, subject.address, seconds, stage.folder, subject.process)
                runs.setdefault(subject.name, []).append(run)
        cost = {name: [run.cpu for run in made] for name, made in runs.items()}
        for name, made in runs.items():
            rows.append(
                [
                    scenario.title,
                    name,
                    spread(cost[name]),
                    short(ratio(cost[name], cost["gateway"])),
                    spread([run.rate for run in made]),
                ]
            )
    return rows


def ask_all(stage: Stage) -> None:
    tag = entity_tag(stage.subjects["gateway"].address, "/v1/jobs/a")
    questions = [*QUESTIONS, ("a tag that is known", "/v1/jobs/a", {"headers": {"If-None-Match": tag}})]
    for words, path, request in questions:
        print(f"\n{words}")
        for subject in stage.subjects.values():
            if subject.process.process.poll() is not None:
                raise Failed(f"{subject.name} has ended")
            print(f"  {subject.name:13} {answer(subject.address, path, **request)}")
