"""What is measured: requests, and the upstream's answers to them."""

import functools
import os
import pathlib
from dataclasses import dataclass

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from bench import settings
from bench.processes import Failed

SERVICE = "viam.app.mltraining.v1.MLTrainingService"
ORGANIZATION = "0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e"
JOB = "65f0c0ffee65f0c0ffee65f0"
JSON = "application/json"


@functools.cache
def pool() -> descriptor_pool.DescriptorPool:
    files = descriptor_pb2.FileDescriptorSet.FromString(settings.DESCRIPTOR_SET.read_bytes())
    made = descriptor_pool.DescriptorPool()
    for file in files.file:
        made.Add(file)
    return made


def message(name: str, **fields):
    """A message of the API, or of google.rpc where the name has dots."""
    full = name if "." in name else f"viam.app.mltraining.v1.{name}"
    return message_factory.GetMessageClass(pool().FindMessageTypeByName(full))(**fields)


# What is trained, as its client says when it submits the job and the service when it tells of it.
MODEL = {
    "dataset_id": "65e5d9c8b7a6958473625140",
    "organization_id": ORGANIZATION,
    "model_name": "bolt-detector",
    "model_version": "2026-11-21T10-15-00",
    "model_type": "MODEL_TYPE_OBJECT_DETECTION",
    "model_framework": "MODEL_FRAMEWORK_TFLITE",
    "tags": ["bolt", "nut", "washer", "plate"],
}


def job() -> object:
    """A job as a managed training leaves it."""
    made = message(
        "TrainingJobMetadata",
        id=JOB,
        **MODEL,
        status="TRAINING_STATUS_COMPLETED",
        synced_model_id="bolt-detector",
    )
    for field, seconds, nanos in [
        ("created_on", 1795256100, 123456000),
        ("last_modified", 1795257000, 5000000),
        ("training_started", 1795256130, 0),
        ("training_ended", 1795256999, 999999999),
    ]:
        stamp = getattr(made, field)
        stamp.seconds, stamp.nanos = seconds, nanos
    return made


def log_page(count: int) -> object:
    page = message("GetTrainingJobLogsResponse", next_page_token="000000000000002a5f0c1d52")
    for index in range(count):
        entry = page.logs.add(level="INFO", message=f"epoch {index // 10 + 1} of 10: loss {0.9 / (index + 1):.4f}")
        entry.time.seconds, entry.time.nanos = 1795256130 + 8 * index, 250000000
    return page


@dataclass(frozen=True)
class Answer:
    """What the upstream says: a message, or a status, whose details are a serialized google.rpc.Status."""

    message: bytes = b""
    code: int = 0
    text: str = ""
    details: bytes = b""

    def arguments(self, method: str, folder: pathlib.Path) -> list[str]:
        """Those of canned-upstream, with the message in a file of `folder`."""
        file = folder / f"{method}.{'status' if self.code else 'message'}"
        file.write_bytes(self.details if self.code else self.message)
        path = f"/{SERVICE}/{method}"
        return ["--status", f"{path}={self.code},{self.text},{file}"] if self.code else ["--answer", f"{path}={file}"]


@dataclass(frozen=True)
class Scenario:
    """One request, over and over."""

    key: str
    title: str
    method: str
    target: str
    answer: Answer
    # The call's message, for calling the upstream directly.
    call: bytes = b""
    body: bytes = b""
    status: int = 200
    # Whether clients use a connection for all of their requests.
    keeps_alive: bool = True
    connections: int = settings.CONNECTIONS

    @property
    def verb(self) -> str:
        return "POST" if self.body else "GET"

    def is_answered(self, status: int) -> bool:
        """Whether this is its status; of success any, since a submit is 201 to the gateway and 200 to Envoy."""
        return status == self.status or self.status == 200 and 200 <= status < 300

    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": JSON} if self.body else {}
        return headers if self.keeps_alive else {**headers, "Connection": "close"}


def missing() -> Answer:
    status = message("google.rpc.Status", code=5, message="no such job")
    resource = message("google.rpc.ResourceInfo", resource_type="job", resource_name=JOB, description="it was deleted")
    status.details.add().Pack(resource)
    return Answer(code=5, text="no such job", details=status.SerializeToString())


def one_job(key: str = "one-job", title: str = "`GET` one job", **other) -> Scenario:
    return Scenario(
        key,
        title,
        "GetTrainingJob",
        f"/v1/jobs/{JOB}",
        Answer(message("GetTrainingJobResponse", metadata=job()).SerializeToString()),
        message("GetTrainingJobRequest", id=JOB).SerializeToString(),
        **other,
    )


def jobs(count: int, **other) -> Scenario:
    return Scenario(
        f"jobs-{count}",
        f"`GET` {count:,} jobs",
        "ListTrainingJobs",
        f"/v1/jobs?organization_id={ORGANIZATION}",
        Answer(message("ListTrainingJobsResponse", jobs=[job()] * count).SerializeToString()),
        message("ListTrainingJobsRequest", organization_id=ORGANIZATION).SerializeToString(),
        **other,
    )


def submit() -> Scenario:
    body = (
        f'{{"datasetId": "65e5d9c8b7a6958473625140", "organizationId": "{ORGANIZATION}", "modelName": "bolt-detector", '
        '"modelVersion": "2026-11-21T10-15-00", "modelType": "MODEL_TYPE_OBJECT_DETECTION", '
        '"modelFramework": "MODEL_FRAMEWORK_TFLITE", "tags": ["bolt", "nut", "washer", "plate"]}'
    )
    call = message(
        "SubmitTrainingJobRequest",
        **MODEL,
    )
    return Scenario(
        "submit",
        "`POST` a submit",
        "SubmitTrainingJob",
        "/v1/jobs",
        Answer(message("SubmitTrainingJobResponse", id=JOB).SerializeToString()),
        call.SerializeToString(),
        body=body.encode(),
    )


def logs(count: int) -> Scenario:
    return Scenario(
        f"logs-{count}",
        f"`GET` {count} log entries",
        "GetTrainingJobLogs",
        f"/v1/jobs/{JOB}/logs",
        Answer(log_page(count).SerializeToString()),
        message("GetTrainingJobLogsRequest", id=JOB).SerializeToString(),
    )


def missing_job() -> Scenario:
    return Scenario(
        "missing",
        "`GET` a missing job: 404 with details",
        "GetTrainingJob",
        f"/v1/jobs/{JOB}",
        missing(),
        message("GetTrainingJobRequest", id=JOB).SerializeToString(),
        status=404,
    )


def all_scenarios() -> list[Scenario]:
    return [
        one_job(),
        jobs(10),
        jobs(1000, connections=4),
        submit(),
        logs(100),
        missing_job(),
        one_job("churn", "one job, a connection for each", keeps_alive=False),
        one_job("single", "one job, one client at a time", connections=1),
    ]


def chosen() -> list[Scenario]:
    """All, or those whose keys SCENARIOS lists."""
    known = {scenario.key: scenario for scenario in all_scenarios()}
    names = os.environ.get("SCENARIOS", "").replace(",", " ").split() or list(known)
    if unknown := [name for name in names if name not in known]:
        raise Failed(f"SCENARIOS: there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names]


def is_subset() -> bool:
    return len(chosen()) < len(all_scenarios())


def plain_descriptor_set() -> bytes:
    """The API's descriptor set without what not all of the compared can do.

    That is `response_body` of a message, which Envoy refuses, and proto3's `optional`, which Debian's protoc-gen-go
    does not know (on the wire it is all one).
    """
    from google.api import annotations_pb2

    descriptors = descriptor_pb2.FileDescriptorSet.FromString(settings.DESCRIPTOR_SET.read_bytes())
    for found in (found for file in descriptors.file for found in file.message_type):
        for field in found.field:
            if field.proto3_optional:
                field.ClearField("proto3_optional")
                field.ClearField("oneof_index")
        # The oneofs that stand for such fields come last.
        while found.oneof_decl and found.oneof_decl[-1].name.startswith("_"):
            del found.oneof_decl[-1]
    for method in (method for file in descriptors.file for service in file.service for method in service.method):
        if method.options.HasExtension(annotations_pb2.http):
            rule = method.options.Extensions[annotations_pb2.http]
            for binding in [rule, *rule.additional_bindings]:
                binding.ClearField("response_body")
    return descriptors.SerializeToString()
