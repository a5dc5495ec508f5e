"""The Kubernetes files: put together by kustomize (of kubectl), read against Kubernetes' own JSON schemas of each
version, compared with one another and with a running gateway; and misspelt in every place, which has to be noticed."""

import copy
import json
import pathlib
import re
import shutil
import urllib.error
import urllib.request

import yaml

from harness import DEPLOY, ROOT, CheckFailed, Checks, Process, eventually, expect, local_service, path, run
from kube_checks import CHECKS, IN_FLIGHT, METRICS, PROBES, Cluster
from kube_schemas import VERSIONS, misspelt, quantity, validate

FILES = DEPLOY / "kubernetes"
WORK = path("WORK")
KEYS = WORK / "keys"
# Names that nothing else has to know: any would do.
FREE = re.compile(r"containers\[0\]\.(image|name) = |HTTPRoute\.spec\.hostnames\[0\] = ")

check = Checks("kubernetes")


def kustomize(folder: pathlib.Path) -> list[dict]:
    """What `kubectl apply -k` would apply."""
    own = ROOT / ".venv-deploy/bin/kubectl"
    return list(yaml.safe_load_all(run(own if own.exists() else "kubectl", "kustomize", folder).stdout))


def variant(name: str, change) -> pathlib.Path:
    """The production overlay of a copy of the files, after `change` of its kustomization."""
    files = WORK / name
    shutil.copytree(FILES, files)
    overlay = files / "overlays/production"
    settings = yaml.safe_load((overlay / "kustomization.yaml").read_text())
    change(settings)
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(settings))
    return overlay


def renamed(mapping: dict, key: str) -> dict:
    """The same with one key misspelt."""
    return {name + "x" if name == key else name: value for name, value in mapping.items()}


def gateway_api(kustomization: dict) -> None:
    kustomization["components"] = ["../../components/gateway-api", "../../components/monitoring"]


def check_misspelt_files() -> None:
    """kustomize refuses a kustomization with a key, or a file, that it does not know."""
    overlay = variant("misspelt", lambda settings: settings["components"].append("../../components/gateway-api"))
    files = overlay.parents[1]
    unnoticed, tried = [], 0
    for file in sorted(files.rglob("kustomization.yaml")):
        text = file.read_text()
        kustomization = yaml.safe_load(text)
        for key in kustomization:
            file.write_text(yaml.safe_dump(renamed(kustomization, key)))
            tried += 1
            try:
                kustomize(overlay)
                unnoticed.append(f"{file.relative_to(files)}: {key}")
            except CheckFailed:
                pass
        file.write_text(text)
    expect(tried > 20 and not unnoticed, f"of {tried} misspelt keys not noticed: {unnoticed}")


def check_misspelt_objects(objects: list[dict]) -> int:
    """Each key and each text of each object, misspelt: the schemas, the comparisons or the gateway find it."""
    unnoticed, tried = [], 0
    for index, thing in enumerate(objects):
        if thing["kind"] == "ConfigMap":
            continue
        for where, changed in misspelt(thing, thing["kind"]):
            tried += 1
            try:
                validate(changed, VERSIONS[-1])
                cluster = Cluster([*objects[:index], changed, *objects[index + 1:]], KEYS)
                for compare in CHECKS.values():
                    compare(cluster)
            except (CheckFailed, KeyError, ValueError, TypeError, AttributeError, IndexError):
                continue
            if not FREE.search(where):
                unnoticed.append(where)
    expect(not unnoticed, f"of {tried} misspelt keys and texts not noticed:\n" + "\n".join(unnoticed))
    return tried


def check_wrong_numbers(objects: list[dict]) -> None:
    """Numbers that are valid, but not sensible, are noticed too."""
    container = "spec.template.spec.containers.0"
    wrong = [("Deployment", f"{container}.{where}", value) for where, value in (
        ("lifecycle.preStop.exec.command.1", "1"), ("readinessProbe.periodSeconds", 30),
        ("readinessProbe.failureThreshold", 3), ("readinessProbe.timeoutSeconds", 1), ("livenessProbe.periodSeconds", 5),
        ("livenessProbe.timeoutSeconds", 1), ("livenessProbe.failureThreshold", 1), ("startupProbe.failureThreshold", 3),
        ("resources.requests.cpu", "30m"), ("resources.requests.cpu", "2"), ("resources.requests.memory", "1Gi"),
        ("resources.limits.memory", "256Mi"))]
    wrong += [("HorizontalPodAutoscaler", f"spec.{where}", value) for where, value in (
        ("metrics.0.pods.target.averageValue", "1"), ("metrics.0.pods.target.averageValue", "400"),
        ("metrics.1.resource.target.averageUtilization", 5), ("metrics.1.resource.target.averageUtilization", 400),
        ("minReplicas", 1), ("maxReplicas", 10000), ("behavior.scaleDown.stabilizationWindowSeconds", 0))]
    (policy,) = [index for index, thing in enumerate(objects)
                 if thing["kind"] == "NetworkPolicy" and thing["spec"]["podSelector"]]
    blocks = [peer["ipBlock"]["except"] for peer in objects[policy]["spec"]["egress"][1]["to"]]
    wrong += [(policy, f"spec.egress.1.to.{index}.ipBlock.except", block[:left] + block[left + 1:])
              for index, block in enumerate(blocks) for left in range(len(block))]
    unnoticed = []
    for what, where, value in wrong:
        changed = copy.deepcopy(objects)
        place = changed[what] if isinstance(what, int) else Cluster(changed, KEYS).one(what)
        *steps, last = [int(step) if step.isdigit() else step for step in where.split(".")]
        for step in steps:
            place = place[step]
        place[last] = value
        try:
            for compare in CHECKS.values():
                compare(Cluster(changed, KEYS))
            unnoticed.append(f"{where} = {value}")
        except CheckFailed:
            pass
    expect(not unnoticed, f"of {len(wrong)} numbers and networks not noticed: {unnoticed}")


def check_misspelt_options(cluster: Cluster) -> None:
    """A key of gateway.yaml that is not right keeps the gateway from starting."""
    options = yaml.safe_load(cluster.configuration())
    for key in options:
        file = WORK / "misspelt.yaml"
        file.write_text(yaml.safe_dump(renamed(options, key)))
        done = run(path("GATEWAY"), "check", "--config", file, env=cluster.environment(), check=False)
        expect(done.returncode == 1 and f'"{key}x"' in done.stdout, f"{key}x: {done.stdout}")


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def check_running(cluster: Cluster) -> None:
    """A gateway with the files' configuration, on ports that are free here: its probes, its metrics, its memory."""
    (WORK / "running.yaml").write_text(cluster.configuration())
    adapted = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--viam-auth", "passthrough"]
    adapted += ["--log-format", "text"]
    environment = {name: value for name, value in cluster.environment().items()
                   if "VIAM" not in name and "TOKENS" not in name}
    with local_service(WORK / "jobs") as upstream, Process(
            path("GATEWAY"), "serve", "--config", WORK / "running.yaml", *adapted, "--upstream", f"http://{upstream}",
            env=environment) as gateway:
        client = gateway.wait_for_line("mltraining-gateway listening on ").rsplit(" ", 1)[1]
        admin = gateway.wait_for_line("mltraining-gateway admin listening on ").rsplit(" ", 1)[1]
        for probe, answered in PROBES.items():
            eventually(f"{probe} at {answered}", lambda answered=answered: status(f"http://{admin}{answered}") == 200)
        expect(status(f"http://{client}/v1/containers") == 200, "a request")
        with urllib.request.urlopen(f"http://{admin}{METRICS}", timeout=10) as answer:
            metrics = answer.read().decode()
        expect(f"# TYPE {IN_FLIGHT} gauge\n" in metrics, f"the gateway has no gauge {IN_FLIGHT}")
        expect("\nmltraining_gateway_workers 1\n" in metrics, "one worker")
        resident = float(re.search(r"^process_resident_memory_bytes (\S+)", metrics, re.MULTILINE)[1])
        asked = quantity(cluster.container["resources"]["requests"]["memory"])
        expect(resident < asked, f"{resident:.0f} bytes of memory at rest, {asked:.0f} are asked for")


def check_adapter() -> None:
    """prometheus-adapter's values: the autoscaler's metric by pod, in the form of its configuration."""
    (rule,) = yaml.safe_load((FILES / "prometheus-adapter.yaml").read_text())["rules"].pop("custom")
    by = {name: {"resource": name} for name in ("namespace", "pod")}
    expect(rule == {
        "seriesQuery": IN_FLIGHT + "{" + ",".join(f'{name}!=""' for name in by) + "}",
        "resources": {"overrides": by},
        "metricsQuery": "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)",
    }, f"the rule is {rule}")


def check_key(cluster: Cluster) -> None:
    """With the Secret's files the gateway signs in by its own key, and lets in who has one of its tokens."""
    (WORK / "api-keys").write_text("me secret\n")
    (WORK / "running.yaml").write_text(cluster.configuration())
    with Process(path("LOCAL"), "serve", "--listen", "127.0.0.1:0", "--data-dir", WORK / "signed", "--api-keys",
                 WORK / "api-keys") as local:
        upstream = local.wait_for_line("listening on ").rsplit(" ", 1)[1]
        with Process(path("GATEWAY"), "serve", "--config", WORK / "running.yaml", "--listen", "127.0.0.1:0",
                     "--admin-listen", "off", "--upstream", f"http://{upstream}", env=cluster.environment()) as gateway:
            client = gateway.wait_for_line("mltraining-gateway listening on ").rsplit(" ", 1)[1]
            expect(status(f"http://{client}/v1/containers") == 401, "it lets in anyone")
            token = {"Authorization": "Bearer t0ken"}
            request = urllib.request.Request(f"http://{client}/v1/containers", headers=token)
            with urllib.request.urlopen(request, timeout=10) as answer:
                expect("containerMap" in json.load(answer), "no answer")


def main() -> None:
    KEYS.mkdir()
    for file, text in {"key-id": "me", "key": "secret", "client-tokens": "t0ken\n"}.items():
        (KEYS / file).write_text(text)
    renderings: dict[str, list[dict]] = {}
    with check("kustomize puts together the production overlay, and one with the Gateway API for the Ingress"):
        renderings["production"] = kustomize(FILES / "overlays/production")
        renderings["gateway-api"] = kustomize(variant("with-gateway-api", gateway_api))
    with check("kustomize refuses each misspelt key of each kustomization"):
        check_misspelt_files()
    for name, objects in renderings.items():
        with check(f"{name}: {len(objects)} objects are strictly valid for Kubernetes {VERSIONS[0]} to {VERSIONS[-1]}"):
            for version in VERSIONS:
                for thing in objects:
                    validate(thing, version)
        for what, compare in CHECKS.items():
            with check(f"{name}: {what}"):
                compare(Cluster(objects, KEYS))
        with check(f"{name}: each key and text of the objects, misspelt, is noticed"):
            check_misspelt_objects(objects)
        with check(f"{name}: numbers that make no sense, and a network left out, are noticed"):
            check_wrong_numbers(objects)
    cluster = Cluster(renderings["production"], KEYS)
    with check("each misspelt key of gateway.yaml is noticed by the gateway's check"):
        check_misspelt_options(cluster)
    with check("a gateway with gateway.yaml answers the probes, has the autoscaler's metric and enough memory"):
        check_running(cluster)
    with check("prometheus-adapter gives the autoscaler its metric by pod"):
        check_adapter()
    with check("the Secret's files: the gateway signs in with its key and lets in by its tokens"):
        check_key(cluster)


main()
check.finish()
