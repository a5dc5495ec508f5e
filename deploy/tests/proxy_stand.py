"""What the checks of reverse proxies stand on: a network of their own, a proxy, curl before and a gateway behind it.

Each stand has a network namespace for itself, in which the shipped files listen and connect where they say: 443, 8080
and 9901. So all that is changed of a file is where its certificate is.
"""

import contextlib
import ctypes
import dataclasses
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading

import harness
from harness import CheckFailed, Process, expect

NAME = "training.example.com"
GATEWAY = "127.0.0.1:8080"
ADMIN = "127.0.0.1:9901"
# Where clients are: an address that the gateway does not trust.
CLIENT = "127.0.0.2"
# Fields of an answer that are another each time, or the connection's.
OF_THE_CONNECTION = {
    "date", "x-request-id", "server", "via", "alt-svc", "connection", "keep-alive", "transfer-encoding"}

Substitutions = tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Proxy:
    """A proxy and what is done with its shipped file; `{file}` is that file, `{work}` the stand's folder."""

    name: str
    file: str
    # Where the certificate is: `{certificate}`, `{key}`, or `{both}` in one file.
    certificate: Substitutions
    serve: tuple[str, ...]
    validate: tuple[tuple[str, ...], ...]
    # The gateway has `--base-path /training`; the proxy takes `/ml` off.
    base_path: Substitutions
    stripped: Substitutions
    # There is a second gateway, at 127.0.0.3.
    second: Substitutions
    # What includes the file, where it is not a whole configuration.
    around: str = ""
    # An id's escaped slash passes also where the proxy takes a prefix off.
    keeps_escapes: bool = True
    # Methods whose requests wait for a gateway if there is none.
    waits: tuple[str, ...] = ()
    # It asks `/readyz`.
    asks: bool = True
    # A stream whose gateway dies ends otherwise than one that is complete, over HTTP/2.
    shows_cuts: bool = True


PROXIES = {proxy.name: proxy for proxy in (
    Proxy(
        "nginx", "nginx/mltraining-gateway.conf",
        certificate=((f"/etc/ssl/certs/{NAME}.pem", "{certificate}"), (f"/etc/ssl/private/{NAME}.key", "{key}")),
        serve=("nginx", "-c", "{around}", "-e", "stderr"),
        validate=(("nginx", "-t", "-q", "-c", "{around}", "-e", "stderr"),),
        base_path=(("location / {", "location /training/ {"),),
        stripped=(
            ("location / {", "location /ml/ {"),
            ("proxy_pass http://mltraining_gateway;", "proxy_pass http://mltraining_gateway/;"),
            ('proxy_set_header X-Forwarded-Prefix "";', "proxy_set_header X-Forwarded-Prefix /ml;")),
        second=(("server 127.0.0.1:8080;",
                 "server 127.0.0.1:8080 fail_timeout=2s; server 127.0.0.3:8080 fail_timeout=2s;"),),
        around="user root; daemon off; pid {work}/nginx.pid; events {{ }}\n"
        "http {{ access_log off; client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; include {file}; }}\n",
        keeps_escapes=False, asks=False),
    Proxy(
        "caddy", "caddy/Caddyfile",
        certificate=((f"{NAME} {{", f"{NAME} {{\n\ttls {{certificate}} {{key}}"),),
        serve=("caddy", "run", "--adapter", "caddyfile", "--config", "{file}"),
        validate=(("caddy", "validate", "--adapter", "caddyfile", "--config", "{file}"),
                  ("caddy", "fmt", "--diff", "{file}")),
        base_path=(("reverse_proxy 127.0.0.1:8080 {", "reverse_proxy /training/* 127.0.0.1:8080 {"),),
        stripped=(
            ("reverse_proxy 127.0.0.1:8080 {", "handle_path /ml/* {\n\treverse_proxy 127.0.0.1:8080 {"),
            ("header_up -X-Forwarded-Prefix", "header_up X-Forwarded-Prefix /ml"),
            ("\t}\n\n\t# Caddy's own", "\t}\n\t}\n\n\t# Caddy's own")),
        second=(("reverse_proxy 127.0.0.1:8080 {", "reverse_proxy 127.0.0.1:8080 127.0.0.3:8080 {"),
                ("# health_uri", "health_uri"), ("# health_port", "health_port"),
                ("# health_interval", "health_interval"), ("# health_timeout", "health_timeout")),
        waits=("GET",), shows_cuts=False),
    Proxy(
        "haproxy", "haproxy/haproxy.cfg",
        certificate=((f"/etc/haproxy/certs/{NAME}.pem", "{both}"),),
        serve=("haproxy", "-db", "-f", "{file}"),
        validate=(("haproxy", "-c", "-f", "{file}"),),
        base_path=(("default_backend gateway", "use_backend gateway if { path_beg /training/ }"),),
        stripped=(
            ("default_backend gateway", "use_backend gateway if { path_beg /ml/ }"),
            ("http-request del-header X-Forwarded-Prefix", "http-request set-header X-Forwarded-Prefix /ml"),
            ("http-reuse always", "http-request replace-path /ml(/.*) \\1\n    http-reuse always")),
        second=(("    server gateway1", "    server gateway2 127.0.0.3:8080 check port 9901 inter 1s fall 2 rise 1\n"
                 "    server gateway1"),),
        shows_cuts=False),
    Proxy(
        "envoy", "envoy/envoy.yaml",
        certificate=((f"/etc/envoy/{NAME}.pem", "{certificate}"), (f"/etc/envoy/{NAME}.key", "{key}")),
        serve=(".venv-deploy/bin/envoy", "--disable-hot-restart", "-l", "warning", "-c", "{file}"),
        validate=((".venv-deploy/bin/envoy", "--mode", "validate", "-l", "warning", "-c", "{file}"),),
        base_path=(("match: { prefix: / }", "match: { prefix: /training/ }"),),
        stripped=(
            ("match: { prefix: / }", "match: { prefix: /ml/ }"),
            ("route:\n", "route:\n                            prefix_rewrite: /\n"),
            ("request_headers_to_remove: [forwarded, x-forwarded-host, x-forwarded-prefix]",
             "request_headers_to_remove: [forwarded, x-forwarded-host]"),
            ("request_headers_to_add:\n", "request_headers_to_add:\n"
             "                    - header: { key: x-forwarded-prefix, value: /ml }\n"
             "                      append_action: OVERWRITE_IF_EXISTS_OR_ADD\n")),
        second=(("lb_endpoints:\n", "lb_endpoints:\n              - endpoint:\n"
                 "                  address: { socket_address: { address: 127.0.0.3, port_value: 8080 } }\n"
                 "                  health_check_config: { port_value: 9901 }\n"),),
        waits=("GET", "POST")),
)}


def enter_network() -> None:
    """Gives this process, and those that it starts, a network with nothing in it but the loopback interface."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000) != 0:  # CLONE_NEWNET
        number = ctypes.get_errno()
        raise OSError(number, f"no network namespace: {os.strerror(number)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = b"lo".ljust(16, b"\0")
        flags, = struct.unpack("16xh14x", fcntl.ioctl(any_socket, 0x8913, name + bytes(16)))  # SIOCGIFFLAGS
        fcntl.ioctl(any_socket, 0x8914, name + struct.pack("h14x", flags | 1))  # SIOCSIFFLAGS, IFF_UP


@dataclasses.dataclass
class Answer:
    """What curl got."""

    status: int
    version: str
    headers: dict[str, list[str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        return ", ".join(self.headers.get(name, []))

    def json(self):
        expect(self["content-type"].startswith("application/"), f"no JSON: {self}")
        return json.loads(self.body)

    @property
    def lasting(self) -> dict[str, list[str]]:
        """The fields that do not differ from one time to the next."""
        return {name: value for name, value in self.headers.items() if name not in OF_THE_CONNECTION}


class Stand:
    """A proxy with its certificate before a gateway, which is started and stopped at will."""

    def __init__(self, proxy: Proxy, work: pathlib.Path):
        self.proxy, self.work = proxy, work
        self.upstream = ""
        self.log = work / "access.log"
        self.gateway: Process | None = None
        self._gateway = contextlib.ExitStack()
        self._proxy = contextlib.ExitStack()
        self.certificate = work / "certificate.pem"
        harness.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
                    "-keyout", work / "key.pem", "-out", self.certificate)
        (work / "both.pem").write_text(self.certificate.read_text() + (work / "key.pem").read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._proxy.close()
        self._gateway.close()

    # The proxy

    def configuration(self, *more: Substitutions) -> dict[str, str]:
        """Writes the shipped file with its substitutions, each of which must find its place.

        Returns what `{…}` is in commands.
        """
        text = (harness.DEPLOY / self.proxy.file).read_text()
        places = {"certificate": self.certificate, "key": self.work / "key.pem", "both": self.work / "both.pem"}
        for old, new in (*self.proxy.certificate, *(pair for pairs in more for pair in pairs)):
            expect(old in text, f"{self.proxy.file} has no “{old}”")
            for place, path in places.items():
                new = new.replace(f"{{{place}}}", str(path))
            text = text.replace(old, new)
        names = {"work": str(self.work), "file": str(self.work / pathlib.Path(self.proxy.file).name),
                 "around": str(self.work / "around.conf")}
        pathlib.Path(names["file"]).write_text(text)
        pathlib.Path(names["around"]).write_text(self.proxy.around.format(**names))
        return names

    def environment(self) -> dict[str, str]:
        """So that what a proxy keeps for itself is in the stand's folder."""
        return {**os.environ, "XDG_DATA_HOME": str(self.work / "data"), "XDG_CONFIG_HOME": str(self.work / "config")}

    def start_proxy(self, *more: Substitutions) -> None:
        self._proxy.close()
        names = self.configuration(*more)
        command = [word.format(**names) for word in self.proxy.serve]
        process = self._proxy.enter_context(Process(*command, cwd=harness.ROOT, env=self.environment()))

        def listens() -> bool:
            expect(process.child.poll() is None, f"{self.proxy.name} ended:\n{process.transcript()}")
            return harness.answers(443)
        harness.eventually(f"{self.proxy.name} listens", listens)

    # The gateway

    def start_gateway(self, *options: object) -> None:
        self.stop_gateway()
        logging = ("--access-log", "json", "--access-log-file", self.log)
        self.gateway, *_ = self._gateway.enter_context(harness.gateway(
            self.upstream, "--trusted-proxy", "127.0.0.1", *logging, *options, listen=GATEWAY, admin=ADMIN))

    def start_gateway_on(self, listener: socket.socket) -> None:
        """Starts a gateway as systemd would, with a socket that stays open when it is gone."""
        self.stop_gateway()
        # systemd's sockets begin at descriptor 3, and LISTEN_PID is whom they are for.
        words = f'exec 3<&{listener.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        self.gateway = self._gateway.enter_context(Process(
            "bash", "-c", words, "bash", harness.path("GATEWAY"), "serve", "--listen", "systemd",
            "--admin-listen", ADMIN, "--upstream", f"http://{self.upstream}", pass_fds=[listener.fileno()]))
        self.gateway.wait_for_line("mltraining-gateway listening on ")

    def stop_gateway(self, number: int = signal.SIGTERM) -> None:
        if self.gateway:
            self.gateway.stop(number)
            self.gateway = None
        self._gateway.close()

    def metric(self, name: str, label: str = "") -> float:
        """The sum of a metric's series that have `label` in them."""
        text = harness.run("curl", "-sS", f"http://{ADMIN}/metrics").stdout
        series = re.findall(rf"^mltraining_gateway_{name}((?:{{.*}})?) (\S+)$", text, re.MULTILINE)
        return sum(float(value) for labels, value in series if label in labels)

    def logged(self, request_id: str) -> dict:
        """What the gateway's access log has of a request."""
        mark = f'"request_id":"{request_id}"'

        def found() -> dict | None:
            for line in self.log.read_text().splitlines():
                if mark in line:
                    return json.loads(line)
            return None
        return harness.eventually(f"a line with {mark} in the access log", found)

    # Clients

    def command(self, *words: object, source: str = CLIENT, direct: bool = False) -> list[str]:
        """curl, to the proxy by TLS and HTTP/2, or `direct`ly to the gateway; targets begin with what `at` gives."""
        way = ["--http2", "--cacert", self.certificate, "--resolve", f"{NAME}:443:127.0.0.1", "--interface", source]
        words = ("curl", "-sS", "--path-as-is", "--max-time", "100", *(() if direct else way), *words)
        return [str(word) for word in words]

    def at(self, target: str, direct: bool = False) -> str:
        return (f"http://{GATEWAY}" if direct else f"https://{NAME}") + target

    def ask(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None,
            direct: bool = False, source: str = CLIENT, early: bool = False) -> Answer:
        """One request and its answer. One that may come before the request was read whole is `early`."""
        fields = [word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}")]
        how = ["-I"] if method == "HEAD" else ["-X", method]
        if early:
            # With HTTP/2 a reset may come behind such an answer, which is in order (RFC 9113, section 8.1), and for
            # which curl 7.88 at times loses the answer.
            how.append("--http1.1")
        content = [] if body is None else ["--data-binary", "@-", "-H", "Expect:"]
        if body is not None and "Content-Type" not in (headers or {}):
            content += ["-H", "Content-Type: application/json"]
        head = self.work / f"head.{threading.get_ident()}"
        command = self.command(*how, *fields, *content, "-o", "-", "-D", head, "-w", "%{stderr}%{http_version}",
                               self.at(target, direct), direct=direct, source=source)
        done = subprocess.run(command, input=body if body is not None else b"", capture_output=True, timeout=120)
        said = done.stderr.decode()
        if done.returncode:
            raise CheckFailed(f"{method} {target[:100]}: curl's exit code {done.returncode}: {said}")
        blocks = head.read_text(errors="replace").strip().split("\r\n\r\n")
        line, *lines = blocks[-1].splitlines()
        found: dict[str, list[str]] = {}
        for name, _, value in (line.partition(":") for line in lines):
            found.setdefault(name.lower(), []).append(value.strip())
        answer = Answer(int(line.split()[1]), said.splitlines()[-1], found, b"" if method == "HEAD" else done.stdout)
        expect(direct or early or answer.version == "2", f"{method} {target[:100]}: HTTP/{answer.version} and not 2")
        return answer

    def compare(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None,
                reached: bool = True) -> Answer:
        """Asks the gateway and the proxy the same, expects the same answer, and that it is the gateway's."""
        direct = self.ask(method, target, headers, body, direct=True)
        answer = self.ask(method, target, headers, body)
        same(f"{method} {target[:100]}", direct, answer)
        expect(not reached or answer["x-request-id"], f"{method} {target[:100]}: the answer is not the gateway's")
        return answer


def same(what: str, direct: Answer, answer: Answer, body=lambda body: body) -> None:
    """Expects two answers that do not differ in status, header and body, as `body` sees it."""
    expect(direct.status == answer.status, f"{what}: {answer.status} and not {direct.status}: {answer.body[:300]}")
    expect(direct.lasting == answer.lasting, f"{what}:\nby the proxy {answer.lasting}\ndirectly     {direct.lasting}")
    expect(body(direct.body) == body(answer.body), f"{what}: {answer.body[:300]}\nand not {direct.body[:300]}")
