"""What must be so through every proxy before the ML training API, with the local service behind the gateway."""

import contextlib
import functools
import gzip
import json
import re
import secrets

import harness
from harness import eventually, expect
from proxy_stand import CLIENT, NAME, Stand, same

PAGE = "https://app.example.com"
OPTIONS = ("--cors-origin", PAGE)
BODY_LIMIT = 4 << 20
SUBMIT = {
    "datasetId": "65f0c0ffee65f0c0ffee65f0", "modelName": "m", "modelVersion": "1", "tags": ["cat"],
    "modelType": "MODEL_TYPE_SINGLE_LABEL_CLASSIFICATION", "modelFramework": "MODEL_FRAMEWORK_TFLITE"}
CUSTOM = {
    "datasetId": "65f0c0ffee65f0c0ffee65f0", "registryItemId": "acme:trainer",
    "registryItemVersion": "2026-11-21T10-15-00", "modelName": "m", "modelVersion": "1", "containerVersion": "tf:2.16"}
CONTAINER = {"imageUri": "ghcr.io/acme/trainer:1", "description": "our own"}
# The bodies of those methods that make something.
BODIES = {"submitTrainingJob": SUBMIT, "submitCustomTrainingJob": CUSTOM, "registerCustomTrainingContainer": CONTAINER}
# Something that is always the same.
ONE = "/v1/containers/000000000000000000000216"
# Organizations whose jobs do not change, small and large, and one whose do.
FEW, LARGE, BUSY = (f"0c7c3a0e-5a5a-4bd5-9d6f-00000000000{number}" for number in range(3))


@contextlib.contextmanager
def behind(stand: Stand):
    """The local service and the gateway."""
    with harness.local_service(stand.work / "jobs") as upstream:
        stand.upstream = upstream
        stand.start_gateway(*OPTIONS)
        yield


# What there is to ask for

def make(stand: Stand, path: str, body: dict, organization: str) -> str:
    """Makes a job or container and returns its id."""
    body = json.dumps({**body, "organizationId": organization}).encode()
    answer = stand.ask("POST", path, body=body, direct=True)
    expect(answer.status == 201, f"{path}: {answer.status} {answer.body[:300]}")
    return answer.json()["id"]


def end(stand: Stand, jobs: list[str]) -> None:
    """Cancels jobs and waits until they are over."""
    for job in jobs:
        expect(stand.ask("POST", f"/v1/jobs/{job}:cancel", direct=True).status == 200, f"{job} cannot be canceled")
    for job in jobs:
        eventually(f"{job} is over", lambda: stand.ask("GET", f"/v1/jobs/{job}", direct=True).json()["status"] in
                   ("TRAINING_STATUS_CANCELED", "TRAINING_STATUS_COMPLETED"))


def ready(stand: Stand) -> None:
    """Starts the proxy and waits until requests get through it."""
    stand.start_proxy()
    passes(stand)


def passes(stand: Stand, target: str = "/v1/containers") -> None:
    eventually("requests get through", lambda: stand.ask("GET", target).status == 200)


# Checks

def own_check(stand: Stand) -> None:
    names = stand.configuration()
    for command in stand.proxy.validate:
        harness.run(*(word.format(**names) for word in command), cwd=harness.ROOT, env=stand.environment())


def every_route(stand: Stand) -> None:
    """Each operation of the OpenAPI document, asked of the gateway and through the proxy."""
    document = json.loads((harness.ROOT / "openapi/mltraining.v1.json").read_text())
    operations = [(method.upper(), path, operation) for path, item in document["paths"].items()
                  for method, operation in item.items() if isinstance(operation, dict)]

    def resolved(item: dict) -> dict:
        if "$ref" not in item:
            return item
        return functools.reduce(dict.__getitem__, item["$ref"].split("/")[1:], document)
    over = [make(stand, "/v1/jobs", SUBMIT, FEW) for _ in range(8)]
    end(stand, over)
    kept = over.pop()
    container = make(stand, "/v1/containers", CONTAINER, FEW)
    for method, path, operation in operations:
        name = operation["operationId"].removesuffix("Rpc")

        def values() -> dict:
            """Those of the parameters and fields, good for one request."""
            if name == "deleteCompletedTrainingJob":
                identifier = over.pop()
            elif name == "deleteCustomTrainingContainer":
                identifier = make(stand, "/v1/containers", CONTAINER, FEW)
            elif name == "cancelTrainingJob":
                identifier = make(stand, "/v1/jobs", SUBMIT, BUSY)
            else:
                identifier = container if "Container" in name else kept
            return {"id": identifier, "organizationId": BUSY if name in BODIES else FEW}

        def ask(direct: bool):
            given = values()
            target = re.sub(r"\{(\w+)\}", lambda part: given.get(part[1], "x"), path)
            queries = [parameter["name"] for parameter in map(resolved, operation.get("parameters", []))
                       if parameter["in"] == "query"]
            target += "".join(f"?{query}={given[query]}" for query in queries if query in given)
            body = None
            if "requestBody" in operation:
                schema, = (content["schema"] for content in operation["requestBody"]["content"].values())
                wanted = {field: given[field] for field in resolved(schema).get("properties", {}) if field in given}
                body = json.dumps({**BODIES.get(name, {}), **wanted}).encode()
            return stand.ask(method, target, body=body, direct=direct)

        direct, answer = ask(True), ask(False)
        # The service writes maps in any order, which makes another ETag; what is made has another id.
        for either in (direct, answer) if direct.body != answer.body else ():
            said = json.loads(re.sub(rb"\b[0-9a-f]{24}\b", b"ID", either.body))
            either.body = json.dumps(said, sort_keys=True).encode()
            expect(either.headers.pop("etag", None) is not None or method != "GET", f"{method} {path}: no ETag")
            if "location" in either.headers:
                either.headers["location"] = [re.sub(r"\b[0-9a-f]{24}$", "ID", either["location"])]
        same(f"{method} {path}", direct, answer)
        expect(answer.status in (200, 201), f"{method} {path}: the request is none that succeeds: {answer.body[:300]}")
        line = stand.logged(answer["x-request-id"])
        expect(line["route"] == path.replace("organizationId", "organization_id"), f"{method} {path} came as {line}")
    expect(len(operations) >= 25, f"only {len(operations)} operations")


def targets(stand: Stand) -> None:
    """What is escaped stays so, and nothing is tidied up."""
    for target, status in (
        ("/v1/jobs/a%2Fb%3Ac", 404), ("/v1/jobs/%C3%BC%20%25x", 404), ("/v1/jobs/a%3Acancel", 404),
        ("//v1//jobs/", 404),
        ("/v1/jobs/a/logs?page_token=%2B+%2f", 400), ("/v1/./jobs/a/../b", 404), ("/v1/jobs/a;b=c,d'(e)*!~", 404),
    ):
        answer = stand.compare("GET", target)
        expect(answer.status == status, f"{target}: {answer.status}")
        came = stand.logged(answer["x-request-id"])["target"]
        expect(came == target, f"{target} came as {came}")
    slash = stand.ask("GET", "/v1/jobs/a%2Fb").json()["error"]["details"][0]
    expect(slash["resourceName"] == "a/b", f"the id is {slash}")


def errors(stand: Stand) -> None:
    """The gateway's errors with all that they say, and answers without a body."""
    for method, target, headers, body, status in (
        ("GET", "/v1/jobs/none", {}, None, 404),
        ("GET", "/nope", {}, None, 404),
        ("PUT", "/v1/jobs/none", {}, b"{}", 405),
        ("POST", "/v1/jobs", {}, b'{"orgnizationId": 1, "tags": 2}', 400),
        ("POST", "/v1/jobs", {}, b"{", 400),
        ("POST", "/v1/jobs", {"Content-Type": "text/plain"}, b"x", 415),
        ("GET", "/v1/containers", {"Accept": "text/html"}, None, 406),
        ("GET", "/v1/jobs/none", {"Accept": "application/problem+json"}, None, 404),
        ("DELETE", "/v1/jobs/none", {"If-Match": '"x"'}, None, 412),
        ("HEAD", ONE, {}, None, 200),
        ("HEAD", "/v1/jobs/none", {}, None, 404),
        ("OPTIONS", "/v1/jobs", {}, None, 204),
    ):
        answer = stand.compare(method, target, headers, body)
        expect(answer.status == status, f"{method} {target}: {answer.status}")
        if answer.body:
            said = answer.json()
            expect(said.get("error", said).get("details"), f"{method} {target}: no details in {said}")
    tag = stand.ask("GET", ONE)["etag"]
    expect(tag and not tag.startswith("W/"), f"the ETag is {tag}")
    expect(stand.compare("GET", ONE, {"If-None-Match": tag}).status == 304, "no 304")
    expect(stand.ask("GET", "/nope", {"X-Request-Id": "my-own"})["x-request-id"] == "my-own", "X-Request-Id is lost")


def preflight(stand: Stand) -> None:
    answer = stand.compare("OPTIONS", "/v1/jobs/a", {
        "Origin": PAGE, "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,grpc-timeout"})
    expect(answer.status == 204 and answer["access-control-allow-origin"] == PAGE, f"{answer}")
    methods = answer["access-control-allow-methods"]
    expect(methods == "DELETE, GET, HEAD, OPTIONS", f"the methods are {methods}")
    expect("authorization" in answer["access-control-allow-headers"].lower(), answer["access-control-allow-headers"])
    for target in (ONE, "/v1/jobs/none"):
        answer = stand.compare("GET", target, {"Origin": PAGE})
        expect(answer["access-control-allow-origin"] == PAGE and "Location" in answer["access-control-expose-headers"],
               f"a page cannot read {target}: {answer.headers}")


def bodies(stand: Stand) -> None:
    """Up to the gateway's limit they arrive; beyond it the gateway, or the proxy in its shape, says 413."""
    def body(size: int) -> bytes:
        start = json.dumps({**CUSTOM, "organizationId": LARGE, "arguments": {"noise": ""}}).removesuffix('"}}').encode()
        return start + secrets.token_hex(size // 2).encode()[:size - len(start) - 3] + b'"}}'
    made = []
    for _ in range(2):
        answer = stand.ask("POST", "/v1/jobs:submitCustom", body=body(BODY_LIMIT - 4096))
        expect(answer.status == 201, f"{answer.status} {answer.body[:300]}")
        made.append(answer.json()["id"])
    end(stand, made)
    same("a body of 4 MiB", stand.ask("POST", "/v1/jobs", body=b" " * BODY_LIMIT, direct=True),
         stand.ask("POST", "/v1/jobs", body=b" " * BODY_LIMIT))
    answer = stand.ask("POST", "/v1/jobs", body=b" " * (BODY_LIMIT + 1), early=True)
    expect(answer.status == 413 and "BODY_TOO_LARGE" in answer.body.decode(), f"{answer.status} {answer.body[:300]}")
    answer = stand.ask("POST", "/v1/jobs", body=b" " * (6 * BODY_LIMIT), early=True)
    expect(answer.status == 413 and answer.json()["error"]["code"] == 413, f"{answer.status} {answer.body[:300]}")
    passes(stand)


def large_answer(stand: Stand) -> None:
    """A list of the jobs that `bodies` has made."""
    answer = stand.compare("GET", f"/v1/organizations/{LARGE}/jobs")
    expect(answer.status == 200, f"{answer.status}")
    expect(len(answer.body) > 2 * (BODY_LIMIT - 8192), f"{len(answer.body)} bytes")


def compression(stand: Stand) -> None:
    few = f"/v1/organizations/{FEW}/jobs"
    answer = stand.compare("GET", few, {"Accept-Encoding": "gzip, br"})
    expect(answer["content-encoding"] == "gzip" and answer["etag"].startswith("W/"), f"{answer.headers}")
    plain = stand.compare("GET", few)
    expect(gzip.decompress(answer.body) == plain.body, "it is another content")
    expect("content-encoding" not in plain.headers and plain["content-length"], f"{plain.headers}")


def headers(stand: Stand) -> None:
    """What the gateway refuses for the size of its header, it refuses itself, and what is less arrives."""
    stand.compare("GET", "/v1/jobs/" + "a" * 8000)
    stand.compare("GET", "/v1/jobs/a", {"X-Padding": "a" * 13000})
    for status, target, fields in (
        (414, "/v1/jobs/" + "a" * 9000, {}), (431, "/v1/jobs/a", {"X-Padding": "a" * 17000}),
    ):
        answer = stand.ask("GET", target, fields)
        expect(answer.status == status, f"{answer.status} {answer.body[:300]}")
        expect(answer["x-request-id"], f"the {status} is not the gateway's: {answer}")


def kept_connections(stand: Stand) -> None:
    """Clients that come and go, one after the other, share the proxy's connections to the gateway."""
    passes(stand)
    before = stand.metric("connections_accepted_total")
    for _ in range(5):
        words = [word for target in ("/v1/containers", "/v1/jobs/none", "/nope", "/v1/containers?x=1") for word in
                 ("-o", "/dev/null", stand.at(target))]
        harness.run(*stand.command(*words))
        expect(stand.ask("POST", "/v1/jobs", body=b"{}").status == 400, "a submit without fields")
    grown = stand.metric("connections_accepted_total") - before
    expect(grown <= 3, f"{grown:.0f} connections to the gateway for 25 requests, one after the other")


def client_address(stand: Stand) -> None:
    """The gateway logs who connects to the proxy, whatever that one says of itself."""
    forged = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    address = "198.51.100.1"
    for fields in (
        {}, forged, {"Forwarded": f"for={address};host=evil.example"}, {**forged, "Forwarded": f"for={address}"},
    ):
        line = stand.logged(stand.ask("GET", "/v1/containers", fields)["x-request-id"])
        expect(line["client"] == CLIENT, f"with {fields} the client is {line['client']}")
        # The gateway would believe 127.0.0.1 itself, so the proxy must not pass on what such a client says.
        line = stand.logged(stand.ask("GET", "/v1/containers", fields, source="127.0.0.1")["x-request-id"])
        expect(line["client"] == "127.0.0.1", f"with {fields} from 127.0.0.1 the client is {line['client']}")
    body = json.dumps({**CONTAINER, "organizationId": BUSY}).encode()
    location = stand.ask("POST", "/v1/containers", forged, body)["location"]
    expect(location.startswith("/v1/containers/"), f"Location: {location}")


def ipv6(stand: Stand) -> None:
    harness.run("curl", "-sS", "--http2", "--cacert", stand.certificate, "--resolve", f"{NAME}:443:[::1]",
                "-H", "X-Request-Id: six", "-o", "/dev/null", stand.at("/v1/containers"))
    client = stand.logged("six")["client"]
    expect(client == "::1", f"the client is {client}")


CHECKS = [
    ("its own check of the file", own_check),
    ("starts, and requests get through", ready),
    ("every route over TLS and HTTP/2 as the gateway itself answers", every_route),
    ("targets arrive as they were sent, %2F too", targets),
    ("errors with their details, HEAD, 304, X-Request-Id", errors),
    ("CORS preflight, and answers to pages", preflight),
    ("a body of 4 MiB arrives, 413 beyond", bodies),
    ("an answer of 8 MiB, byte by byte", large_answer),
    ("gzip from the gateway to the client", compression),
    ("long targets and headers, the gateway's 414 and 431", headers),
    ("connections to the gateway are kept", kept_connections),
    ("the client's address, and none that it makes up", client_address),
    ("clients over IPv6", ipv6),
]
