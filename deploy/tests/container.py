"""The container files: read by hadolint and against the Compose specification's schema, and tried without an engine:
buildah makes the images, on stand-ins for those of a registry (images.py), and what they start is run together as
compose.yaml has it, in a network of this process's own."""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import signal
import socket

import jsonschema
import yaml

from harness import DEPLOY, ROOT, Checks, Process, eventually, expect, path, run
from images import Container, Image, build, stages

DOCKER = DEPLOY / "docker"
WORK = path("WORK")
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
SUBNET = COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
# In Caddy's and the gateway's network, in the other one, and a client's.
ADDRESSES = {"caddy": SUBNET.replace(".0/24", ".2"), "gateway": SUBNET.replace(".0/24", ".3"), "local": "172.30.81.2"}
CLIENT = "198.51.100.7"
SUBMIT = {"organizationId": "org", "datasetId": "dataset", "modelName": "m", "modelVersion": "1", "tags": ["cat"],
          "modelType": "MODEL_TYPE_SINGLE_LABEL_CLASSIFICATION", "modelFramework": "MODEL_FRAMEWORK_TFLITE"}

check = Checks("container")


def image_files() -> dict[str, pathlib.Path]:
    """The Dockerfile of each service that compose.yaml builds; paths there are from the file's own folder."""
    files = {}
    for name, service in SERVICES.items():
        if "build" in service:
            context = (DOCKER / service["build"]["context"]).resolve()
            expect(context == ROOT, f"{name} is built in {context}")
            files[name] = context / service["build"]["dockerfile"]
    return files


def check_dockerfile(dockerfile: pathlib.Path) -> None:
    """What can be said of it by reading: that its build has the packages and the folders that it needs."""
    first, last = stages(dockerfile)
    makefile = (ROOT / "Makefile").read_text()
    wanted = re.search(r"^BUILD_PACKAGES = (.*)$", makefile, re.MULTILINE)[1].split()
    expect(sorted(first.packages()) == sorted(wanted), f"the build installs {first.packages()}, make {wanted}")
    copies = first.copied() + last.copied()
    context = [source for stage, sources, _ in copies if stage is None for source in sources]
    for source in context:
        expect((ROOT / source).exists(), f"there is no {source} to copy")
    ignored, *kept = [line for line in dockerfile.with_name(dockerfile.name + ".dockerignore").read_text().splitlines()
                      if not line.startswith("#")]
    expect(ignored == "*" and sorted(kept) == sorted(f"!{source}" for source in context),
           f"{dockerfile.name}.dockerignore does not let through what is copied, and that alone: {kept}")
    for folder in re.findall(r'\bpath: "([^"]+)"', (ROOT / "Package.swift").read_text()):
        expect(folder.split("/")[0] in context, f"Package.swift has {folder}, which is not copied")
    product = re.search(r"--product (\S+)", " ".join(first.all("RUN")))[1]
    executables = [(name, sources) for name, sources, _ in last.copied() if name is not None]
    expect(executables == [(first.name, [f"/{product}"])], f"the last stage copies {executables} of the build")
    expect("--static-swift-stdlib" in " ".join(first.all("RUN")), "Swift's libraries would be missing")


def check_libraries(image: Image, executable: str) -> None:
    """The image's own packages are those of the libraries that the executable asks for, and no others."""
    found = run("chroot", image.tree, "ldd", executable).stdout
    expect("not found" not in found, found)
    needed = re.findall(r"NEEDED.*\[(.+)\]", run("readelf", "--dynamic", image.tree / executable.lstrip("/")).stdout)
    owners = run("chroot", image.tree, "dpkg", "-S", *(f"*/{name}" for name in needed)).stdout
    packages = {line.split(":")[0] for line in owners.splitlines()} - {"libc6", "libgcc-s1"}
    named = set(image.stage.packages()) - {"ca-certificates"}
    expect(packages == named, f"{executable} links {sorted(packages)}, the image names {sorted(named)}")


def compose_schema() -> dict:
    """The Compose specification's schema, as Debian's docker-compose carries it. The package is not installed."""
    folder = WORK / "docker-compose"
    folder.mkdir()
    if run("apt-get", "download", "-q", "docker-compose", cwd=folder, check=False).returncode != 0:
        run("apt-get", "update", "-q", timeout=120)
        run("apt-get", "download", "-q", "docker-compose", cwd=folder)
    run("dpkg-deb", "-x", *folder.glob("*.deb"), folder)
    return json.loads(next(folder.rglob("compose_spec.json")).read_text())


def check_compose(images: dict[str, Image]) -> None:
    """Names, ports and times that have to agree between compose.yaml, the Caddyfile and the images."""
    gateway, caddyfile = SERVICES["gateway"], (DOCKER / "Caddyfile").read_text()
    exposed = {name: image.port() for name, image in images.items()}
    expect(re.findall(r"reverse_proxy (\S+)", caddyfile) == [f"gateway:{exposed['gateway']}"], "Caddy's upstream")
    environment = gateway["environment"]
    upstream = environment["MLTRAINING_GATEWAY_UPSTREAM"]
    expect(upstream == f"http://local:{exposed['local']}", f"the gateway's upstream is {upstream}")
    expect(environment["MLTRAINING_GATEWAY_TRUSTED_PROXY"] == SUBNET, "the trusted proxies are not the network's")
    expect(not set(SERVICES["caddy"]["networks"]) & set(SERVICES["local"]["networks"]), "Caddy reaches the service")
    for name, service in SERVICES.items():
        expect(service["read_only"] and service["cap_drop"] == ["ALL"], f"{name} may do more than it needs")
        expect(set(service["networks"]) <= set(COMPOSE["networks"]), f"{name} is in a network that there is not")
        expect(set(service.get("depends_on", ())) <= set(SERVICES), f"{name} depends on what there is not")
        for volume in service.get("volumes", ()):
            source, target = volume.split(":")[:2]
            expect((DOCKER / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"], volume)
            expect(name not in images or target in images[name].volumes(), f"{name} has no {target}")
        for port in service.get("ports", ()):
            expect(port.startswith("127.0.0.1:"), f"{name} is open to other machines: {port}")
    settings = run(path("GATEWAY"), "check", env={**environment}).stdout
    grace = float(re.search(r"^shutdown-grace: (\S+)", settings, re.MULTILINE)[1])
    expect(grace < float(gateway["stop_grace_period"].rstrip("s")), f"a stop may take {grace} s")


def own_network() -> None:
    """Moves this process, and so all that it starts, to a network namespace with the addresses of compose's."""
    clone_new_network = 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(clone_new_network) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("ip", "link", "set", "lo", "up")
    for address in (*ADDRESSES.values(), CLIENT):
        run("ip", "address", "add", f"{address}/32", "dev", "lo")


def curl(url: str, *options: object) -> str:
    return run("curl", "-sS", "--max-time", "20", *options, url).stdout


def is_healthy(container: Container) -> bool:
    """Whether the image's health check passes; it says 1 otherwise, and nothing else."""
    done = container.exec(*container.image.health_check())
    expect(done.returncode in (0, 1), f"the health check ended with {done.returncode}: {done.stdout}")
    return done.returncode == 0


def start(image: Image, name: str, environment: dict | None = None, **options) -> Container:
    service = SERVICES[name]
    return image.container({**service.get("environment", {}), **(environment or {})}, ADDRESSES,
                           **{"volumes": {"/data": WORK / "data"} if name == "local" else {}, **options})


def check_confined(container: Container, writable: str | None) -> None:
    status = container.status()
    for who in ("Uid", "Gid"):
        expect(status[who].split() == ["65532"] * 4, f"it runs as {who} {status[who]}")
    expect(status["Groups"] == "" and status["NoNewPrivs"] == "1", "it has groups, or may get privileges")
    for set_name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        expect(int(status[set_name], 16) == 0, f"{set_name} is {status[set_name]}")
    folders = f"/ /tmp /var/tmp /etc /run /home {writable or ''}"
    script = f"for d in {folders}; do (: >$d/x) 2>&- && rm $d/x && echo $d; done; true"
    could = container.exec("sh", "-c", script).stdout.split()
    expect(could == ([writable] if writable else []), f"it can write to {could}")


def check_through_caddy(images: dict[str, Image], gateway: Container) -> None:
    """Submits a job and reads it, as a browser on this machine would, at the address of compose.yaml."""
    hosts = WORK / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in ADDRESSES.items()))
    script = f"mount --bind {hosts} /etc/hosts; exec caddy run --adapter caddyfile --config {DOCKER / 'Caddyfile'}"
    data = {"HOME": WORK, "XDG_DATA_HOME": WORK / "caddy-data", "XDG_CONFIG_HOME": WORK / "caddy-config"}
    with Process("unshare", "--mount", "sh", "-ec", script, env={**os.environ, **data}) as caddy:
        root = WORK / "caddy-data/caddy/pki/authorities/local/root.crt"
        served = ("--cacert", root, "--interface", CLIENT)
        eventually("Caddy serves\n" + caddy.transcript(), lambda: root.exists() and run(
            "curl", "-sf", *served, "https://localhost/v1/containers", check=False).returncode == 0)
        job = json.loads(curl("https://localhost/v1/jobs", *served, "--json", json.dumps(SUBMIT)))["id"]
        read = json.loads(curl(f"https://localhost/v1/jobs/{job}", *served))
        expect(read["modelName"] == SUBMIT["modelName"], f"the job is {read}")
        expect(list((WORK / "data").iterdir()), "the jobs are not in the volume")
        line = json.loads(gateway.wait_for_line(f"/v1/jobs/{job}"))
        expect(line["client"] == CLIENT, f"the gateway takes {line['client']} for the client, not {CLIENT}")


def check_drain(gateway: Container) -> None:
    """A stop while a request is on its way: it is answered, the process ends with 0 and within the grace period."""
    body = json.dumps(SUBMIT).encode()
    with socket.create_connection((ADDRESSES["gateway"], 8080), timeout=20) as client:
        client.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(body) + body[:20])
        eventually("the request is in", lambda: "mltraining_gateway_connections 1\n" in gateway.exec(
            "sh", "-c", METRICS).stdout + "\n")
        gateway.send(signal.SIGTERM)
        eventually("it is no longer ready", lambda: not is_healthy(gateway))
        client.sendall(body[20:])
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    expect(answer.startswith(b"HTTP/1.1 201 ") and b'{"id":' in answer, f"the answer is {answer!r}")
    expect(b"connection: close" in answer.lower(), f"the answer does not say that the connection closes: {answer!r}")
    code = gateway.finish(float(SERVICES["gateway"]["stop_grace_period"].rstrip("s")))
    expect(code == 0, f"exit code {code}\n{gateway.transcript()}")


def check_tls_upstream(images: dict[str, Image]) -> None:
    """An https:// upstream is believed by the authorities of the image's ca-certificates, and by no other."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=local", "-addext", "subjectAltName=DNS:local",
        "-keyout", WORK / "key.pem", "-out", WORK / "cert.pem")
    (WORK / "key.pem").chmod(0o644)
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    authorities = (images["gateway"].tree / bundle.lstrip("/")).read_text()
    expect(authorities.count("BEGIN CERTIFICATE") > 50, f"{bundle} has few authorities")
    (WORK / "authorities.pem").write_text(authorities + (WORK / "cert.pem").read_text())
    tls = ["--tls-cert", "/etc/tls/cert.pem", "--tls-key", "/etc/tls/key.pem"]
    (images["local"].tree / "etc/tls").mkdir()
    for name in ("cert.pem", "key.pem"):
        (images["local"].tree / "etc/tls" / name).touch()
    upstream = {"MLTRAINING_GATEWAY_UPSTREAM": "https://local:50051"}
    volumes = {"/data": "data", "/etc/tls/cert.pem": "cert.pem", "/etc/tls/key.pem": "key.pem"}
    with start(images["local"], "local", arguments=images["local"].settings["Cmd"] + tls,
               volumes={inside: WORK / outside for inside, outside in volumes.items()}) as local:
        local.wait_for_line("listening on ")
        with start(images["gateway"], "gateway", upstream) as gateway:
            gateway.wait_for_line("gateway listening on ")
            answer = curl(f"http://{ADDRESSES['gateway']}:8080/v1/containers")
            expect("certificate" in answer and '"code":503' in answer, f"the certificate was taken: {answer}")
            expect(not is_healthy(gateway), "it is ready without an upstream")
        with start(images["gateway"], "gateway", upstream, volumes={bundle: WORK / "authorities.pem"}) as gateway:
            gateway.wait_for_line("gateway listening on ")
            eventually("it is healthy", lambda: is_healthy(gateway))
            expect("containerMap" in curl(f"http://{ADDRESSES['gateway']}:8080/v1/containers"), "no answer over TLS")


# The image has no curl; the shell of Debian's images has no /dev/tcp, but bash does.
METRICS = "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/9901; printf \"GET /metrics HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'"


def main() -> None:
    files, images = image_files(), {}
    for dockerfile in files.values():
        with check(f"hadolint finds nothing in {dockerfile.name}"):
            run(ROOT / ".venv-deploy/bin/hadolint", "--no-color", "--config", DOCKER / ".hadolint.yaml", dockerfile)
        with check(f"the build of {dockerfile.name} has make's packages, and of the checkout what it copies"):
            check_dockerfile(dockerfile)
    with check("compose.yaml is one by the Compose specification's schema"):
        error = jsonschema.exceptions.best_match(jsonschema.Draft7Validator(compose_schema()).iter_errors(COMPOSE))
        expect(error is None, error and f"{'.'.join(map(str, error.path))}: {error.message}")
    with check("caddy validate: the Caddyfile"):
        run("caddy", "validate", "--adapter", "caddyfile", "--config", DOCKER / "Caddyfile",
            env={**os.environ, "HOME": str(WORK), "XDG_DATA_HOME": str(WORK), "XDG_CONFIG_HOME": str(WORK)})
    with check("buildah carries out both Dockerfiles, on a bare Debian and a stand-in for Swift's image"):
        made = build(list(files.values()), ROOT, [path("GATEWAY"), path("LOCAL")], WORK / "store")
        images = dict(zip(files, made, strict=True))
    if not images:
        check.finish()
    for name, image in images.items():
        with check(f"the image of {files[name].name} has the libraries of its executable, and no package too many"):
            check_libraries(image, f"/usr/bin/mltraining-{name}")
    with check("compose.yaml, the Caddyfile and the images agree on ports, networks, volumes and times"):
        check_compose(images)
    own_network()
    (WORK / "data").mkdir(mode=0o700)
    os.chown(WORK / "data", 65532, 65532)
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(contextlib.ExitStack())
        gateway = stack.enter_context(start(images["gateway"], "gateway"))
        with check("the gateway runs as 65532 with a read-only root, no capabilities and no new privileges"):
            gateway.wait_for_line("gateway listening on ")
            check_confined(gateway, None)
        with check("the health check fails without the local service"):
            expect(not is_healthy(gateway), "it is healthy without an upstream")
        service = local.enter_context(start(images["local"], "local"))
        with check("the health check passes when the local service is there"):
            service.wait_for_line("listening on ")
            eventually("it is healthy", lambda: is_healthy(gateway))
        with check("the local service runs likewise, and can write to /data alone"):
            check_confined(service, "/data")
        with check("a job is submitted and read through Caddy as compose.yaml has it; the gateway knows the client"):
            check_through_caddy(images, gateway)
        with check("kill -HUP 1 in the container has it read its configuration anew"):
            expect(gateway.exec("sh", "-c", "kill -HUP 1").returncode == 0, "the signal was not sent")
            gateway.wait_for_line("serving the new configuration")
        with check("what Kubernetes runs before it stops a pod is in the image"):
            deployment = yaml.safe_load((DEPLOY / "kubernetes/base/deployment.yaml").read_text())
            before = deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
            done = gateway.exec(before[0], "0")
            expect(done.returncode == 0, done.stdout)
        with check("SIGTERM: a request on its way is answered, and the exit code is 0 within stop_grace_period"):
            check_drain(gateway)
        with check("the health check fails after the stop"):
            with start(images["gateway"], "gateway", arguments=images["gateway"].health_check()[1:]) as probe:
                expect(probe.finish(10) == 1, probe.transcript())
        gateway = stack.enter_context(start(images["gateway"], "gateway"))
        with check("the health check fails once the local service is away"):
            gateway.wait_for_line("gateway listening on ")
            eventually("it is healthy", lambda: is_healthy(gateway))
            local.close()
            eventually("it is not healthy", lambda: not is_healthy(gateway))
    with check("an https:// upstream is believed by the image's ca-certificates, and by no other authority"):
        check_tls_upstream(images)


main()
check.finish()
