"""Checks OpenAPI documents: valid by openapi-spec-validator, and every example valid against its schema.

usage: check_openapi.py FILE...

A FILE is JSON or YAML. Prints what is wrong, and exits with 1 if anything is.
"""

import json
import sys

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]


class Document:
    """One document and what is wrong with it."""

    def __init__(self, path: str):
        self.path = path
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.root = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
        self.problems: list[str] = []
        self.examples = 0

    def check(self) -> None:
        validate(self.root)
        for name, schema in self.root["components"]["schemas"].items():
            Draft202012Validator.check_schema(schema)
            self.check_schema(schema, f"#/components/schemas/{name}")
        for kind in ["responses", "parameters", "headers"]:
            for name, value in self.root["components"].get(kind, {}).items():
                self.check_value(value, f"#/components/{kind}/{name}")
        operations: dict[str, str] = {}
        for path, item in self.root["paths"].items():
            members = [(method, item[method]) for method in METHODS if method in item]
            members += item.get("x-additional-operations", {}).items()
            for method, operation in members:
                place = f"{method} {path}"
                earlier = operations.setdefault(operation["operationId"], place)
                if earlier != place:
                    self.problems.append(f"{place}: has the operationId of {earlier}")
                self.check_operation(operation, place)

    def check_operation(self, operation: dict, place: str) -> None:
        for parameter in operation["parameters"]:
            if "$ref" not in parameter:
                self.check_value(parameter, f"{place} {parameter['name']}")
        for name, value in [("body", operation.get("requestBody", {})), *operation["responses"].items()]:
            if "$ref" in value:
                continue
            self.check_value(value, f"{place} {name}")
            for media_type, content in value.get("content", {}).items():
                if media_type != "*/*" and "example" not in content:
                    self.problems.append(f"{place} {name}: no example of {media_type}")

    def check_value(self, value: dict, place: str) -> None:
        """A parameter, header, body or response."""
        if "example" in value:
            self.validate(value["example"], value["schema"], place)
        for media_type, content in value.get("content", {}).items():
            if "example" in content:
                self.validate(content["example"], content["schema"], f"{place} {media_type}")

    def check_schema(self, schema: object, place: str) -> None:
        """The examples and defaults within a schema."""
        if not isinstance(schema, dict):
            return
        for example in schema.get("examples", []):
            self.validate(example, schema, place)
        for name, member in schema.get("properties", {}).items():
            self.check_schema(member, f"{place}/{name}")
        for key in ["items", "additionalProperties", "not"]:
            self.check_schema(schema.get(key), f"{place}/{key}")
        for key in ["anyOf", "allOf", "oneOf"]:
            for part in schema.get(key, []):
                self.check_schema(part, f"{place}/{key}")

    def validate(self, value: object, schema: dict, place: str) -> None:
        self.examples += 1
        whole = {**schema, "components": self.root["components"]}
        for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value):
            self.problems.append(f"{place}: {error.json_path}: {error.message}")


def main(paths: list[str]) -> int:
    failed = False
    for path in paths:
        document = Document(path)
        document.check()
        for problem in document.problems:
            print(f"{path}: {problem}")
        failed = failed or bool(document.problems)
        print(f"{path}: {document.examples} examples, {len(document.problems)} problems")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1:]))
