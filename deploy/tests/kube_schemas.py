"""Strict schemas for Kubernetes' objects: the official ones, which kubernetes-validate carries for each version, and,
for what is not Kubernetes' own, the parts of their specifications that the files here use. All else is an error."""

import copy
import re
from collections.abc import Iterator

import jsonschema
import kubernetes_validate
from kubernetes_validate.utils import all_versions

from harness import CheckFailed

# unhealthyPodEvictionPolicy and matchLabelKeys came with 1.26 and 1.25, and both without a feature gate with 1.27.
VERSIONS = sorted({version.rsplit(".", 1)[0] for version in all_versions()}, key=lambda text: int(text.split(".")[1]))
VERSIONS = [version for version in VERSIONS if int(version.split(".")[1]) >= 27]

NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
LABELS = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}, "minProperties": 1}
HOST = {"type": "string", "pattern": r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "maxLength": 253}
METADATA = {"name": NAME, "namespace": NAME, "labels": LABELS}
PATH = {"type": "string", "pattern": "^/", "maxLength": 1024}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
# Prometheus' durations and the Gateway API's (GEP-2257).
INTERVAL = {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}
DURATION = {"type": "string", "pattern": "^([0-9]{1,5}(h|m|s|ms)){1,4}$"}


def members(properties: dict, *required: str) -> dict:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def several(items: dict, most: int = 16) -> dict:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


def custom(api_version: str, kind: str, spec: dict) -> dict:
    properties = {"apiVersion": {"const": api_version}, "kind": {"const": kind},
                  "metadata": members(METADATA, "name", "namespace"), "spec": spec}
    return members(properties, *properties)


CUSTOM = {
    "ServiceMonitor": custom("monitoring.coreos.com/v1", "ServiceMonitor", members({
        "jobLabel": {"type": "string"},
        "selector": members({"matchLabels": LABELS}, "matchLabels"),
        "endpoints": several(members({"port": NAME, "path": PATH, "interval": INTERVAL}, "port")),
    }, "selector", "endpoints")),
    "HTTPRoute": custom("gateway.networking.k8s.io/v1", "HTTPRoute", members({
        "parentRefs": several(members({"name": NAME, "namespace": NAME, "sectionName": NAME}, "name"), 32),
        "hostnames": several(HOST),
        "rules": several(members({
            "matches": several(members({"path": members({
                "type": {"enum": ["Exact", "PathPrefix", "RegularExpression"]},
                "value": PATH}, "type", "value")}), 64),
            "filters": several(members({
                "type": {"const": "RequestHeaderModifier"},
                "requestHeaderModifier": members({"remove": several({"type": "string"})}, "remove"),
            }, "type", "requestHeaderModifier")),
            "timeouts": members({"request": DURATION, "backendRequest": DURATION}),
            "backendRefs": several(members({"name": NAME, "namespace": NAME, "port": PORT}, "name", "port")),
        }, "backendRefs")),
    }, "parentRefs", "rules")),
}


def validate(thing: dict, version: str) -> None:
    """Fails the check unless an object is valid for this version of Kubernetes, without unknown members."""
    where = f"{thing.get('kind')} for Kubernetes {version}"
    try:
        if thing.get("kind") in CUSTOM:
            jsonschema.validate(thing, CUSTOM[thing["kind"]], cls=jsonschema.Draft202012Validator)
        else:
            kubernetes_validate.validate(thing, version, strict=True)
    except jsonschema.ValidationError as error:
        raise CheckFailed(f"{where}: {'.'.join(str(step) for step in error.path)}: {error.message}") from None
    except kubernetes_validate.SchemaNotFoundError as error:
        raise CheckFailed(f"{where}: {error.message}") from None


def misspelt(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Copies of a value with one key or one string misspelt in each, and where."""
    if isinstance(value, dict):
        for key, item in value.items():
            others = {name: other for name, other in value.items() if name != key}
            yield f"{path}.{key}", {**copy.deepcopy(others), key + "x": item}
            for where, changed in misspelt(item, f"{path}.{key}"):
                yield where, {**others, key: changed}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for where, changed in misspelt(item, f"{path}[{index}]"):
                yield where, [*value[:index], changed, *value[index + 1:]]
    elif isinstance(value, str):
        yield f"{path} = {value}", value + "x"


def seconds(text: str) -> float:
    """A duration such as 310s or 310."""
    return float(re.fullmatch(r"([0-9.]+)s?", text)[1])


def quantity(text: str) -> float:
    """A number of Kubernetes' with its suffix, such as 250m, 96Mi or 2."""
    found = re.fullmatch(r"([0-9.]+)(m|k|M|G|Ki|Mi|Gi)?", str(text))
    if not found:
        raise CheckFailed(f"{text} is no quantity")
    unit = {None: 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}[found[2]]
    return float(found[1]) * unit
