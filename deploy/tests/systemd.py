"""The units under a systemd of their own: the packages installed, used, upgraded and removed in a booted Debian 12."""

import contextlib
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import sys
import time

from booted import Machine, booted
from debs import CONFIGURATION, PACKAGES, deb, depends, next_version
from harness import Checks, eventually, expect, path, run
from load import Load
from trees import base_tree

GATEWAY, LOCAL = "mltraining-gateway.service", "mltraining-local.service"
SOCKET = "mltraining-gateway.socket"
LISTEN, ADMIN = 8080, 9901
# What any user of the machine may do, and the sandbox does not let: a shell tries it that is started as the service is.
FORBIDDEN = {
    "write where anyone may": "touch /srv/open/probe",
    "read homes": "cat /home/someone/letter",
    "see other processes": "ls -d /proc/1",
    "see devices": "ls /dev/net/tun",
    "make a namespace": "unshare --user true",
    "make a file that gives its owner's rights": "touch /tmp/probe && chmod u+s /tmp/probe",
    "change its niceness": "[ $(nice -n 5 nice) -gt $(nice) ]",
}

checks = Checks("systemd")
work = path("WORK")
tree = work / "tree"


def main() -> None:
    with contextlib.ExitStack() as stack:
        machine = None
        with checks("systemd boots as PID 1 of a bare Debian 12"):
            base_tree(tree, sorted({"systemd", "dbus"} | {name for package in PACKAGES for name in depends(package)}))
            (tree / "usr/sbin/policy-rc.d").unlink()
            prepare()
            machine = stack.enter_context(booted(tree))
            expect(machine.state == "running", machine.systemctl("--failed"))
        if machine:
            installed(machine)
            audited(machine)
            reloaded(machine)
            sandboxed(machine)
            with_keys(machine)
            moved(machine)
            started_anew(machine)
            watched(machine)
            removed(machine)
    checks.finish()


def prepare() -> None:
    """What the test needs in the tree besides the packages."""
    for package in PACKAGES:
        shutil.copy(deb(package), tree / "srv")
    next_version("mltraining-gateway", work / "next", tree / "srv/next.deb")
    (tree / "srv/open").mkdir(mode=0o1777)
    (tree / "srv/open").chmod(0o1777)
    (tree / "home/someone").mkdir()
    (tree / "home/someone/letter").write_text("for someone else")
    lines = [f"if ({command}) >/dev/null 2>&1; then echo {shlex.quote(f'probe: may {what}')}; fi"
             for what, command in FORBIDDEN.items()]
    lines += ["if cat /etc/mltraining-gateway/keys/* 2>/dev/null; then echo probe: may read keys where they lie; fi",
              'if [ "$CREDENTIALS_DIRECTORY" ]; then echo probe: sees $(cat $CREDENTIALS_DIRECTORY/keys_probe); fi',
              'if [ "$STATE_DIRECTORY" ] && touch $STATE_DIRECTORY/probe; then echo probe: may write its state; fi',
              "echo probe: over"]
    (tree / "srv/probe").write_text("\n".join(lines) + "\n")


def drop_in(machine: Machine, unit: str, text: str) -> None:
    """What an administrator adds by `systemctl edit`; nothing, for an empty text."""
    file = tree / f"etc/systemd/system/{unit}.d/test.conf"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    machine.systemctl("daemon-reload")


def configure(**options: str) -> None:
    """Sets options in the packaged configuration, by names with _ for -."""
    file = tree / CONFIGURATION
    text = file.read_text()
    for name, value in options.items():
        key = name.replace("_", "-")
        text = re.sub(rf"^{key}:.*\n", "", text, flags=re.MULTILINE) + f"{key}: {value}\n"
    file.write_text(text)


def get(target: str, port: int = LISTEN, **headers: str) -> tuple[int, str]:
    """A request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def ready() -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return get("/readyz", ADMIN)[0] == 200
    return False


def installed(machine: Machine) -> None:
    with checks("dpkg installs both, and each service is started and enabled; the gateway says itself that it serves"):
        machine.run("dpkg", "--install", *(f"/srv/{deb(package).name}" for package in PACKAGES), timeout=180)
        for unit in (GATEWAY, SOCKET, LOCAL):
            expect(machine.show(unit, "ActiveState") == "active", f"{unit} is not active:\n{machine.journal(unit)}")
            expect(machine.show(unit, "UnitFileState") == "enabled", f"{unit} is not enabled")
        expect(machine.show(GATEWAY, "Type") == "notify", "the gateway's unit does not wait for it")
        expect(machine.show(GATEWAY, "StatusText") == f"serving on 127.0.0.1:{LISTEN}", "it does not say so")
        # Its folder of keys is empty, and that is no failure.
        expect(not list((tree / "etc/mltraining-gateway/keys").iterdir()), "there are keys already")
        eventually("all is up", lambda: machine.started() == "running")
        expect(get("/healthz", ADMIN)[0] == 200, "/healthz")


def audited(machine: Machine) -> None:
    units = [f"/lib/systemd/system/{unit}" for unit in (GATEWAY, SOCKET, LOCAL)]
    with checks("systemd-analyze verify has nothing to say of the units"):
        # There is no man in the tree; the pages are the business of packages.py.
        said = machine.run("systemd-analyze", "verify", "--man=no", *units).stdout
        expect(not said, said)
    for unit in (GATEWAY, LOCAL):
        with checks(f"{unit}: systemd-analyze security finds an exposure below 2.0"):
            told = machine.run("systemd-analyze", "security", "--offline=yes", f"/lib/systemd/system/{unit}").stdout
            exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)
            expect(exposure, told)
            expect(float(exposure[1]) < 2.0, f"exposure {exposure[1]}\n{told}")


def reloaded(machine: Machine) -> None:
    with checks("systemctl reload takes a changed configuration, in the same process"):
        before = machine.show(GATEWAY, "MainPID")
        expect(not ready(), "the gateway is ready with no way to its upstream")
        configure(upstream="http://127.0.0.1:50051", json_original_names="true")
        machine.systemctl("reload", GATEWAY)
        eventually("the new configuration is in force", lambda: ready() and "container_map" in get("/v1/containers")[1])
        expect(machine.show(GATEWAY, "MainPID") == before, "it is another process")
    with checks("systemctl reload fails with a configuration that is wrong, tells why, and the old one stays"):
        good = (tree / CONFIGURATION).read_text()
        configure(max_body_bytes="many")
        refused = machine.run("systemctl", "reload", GATEWAY, check=False)
        expect(refused.returncode != 0, "the reload did not fail")
        expect("--max-body-bytes must be" in machine.journal(GATEWAY), "the journal does not tell why")
        expect(machine.show(GATEWAY, "ActiveState") == "active", "the service is not active")
        expect(get("/v1/containers")[0] == 200, "it does not serve")
        (tree / CONFIGURATION).write_text(good.replace("json-original-names: true\n", ""))
        machine.systemctl("reload", GATEWAY)
        eventually("names are as they were", lambda: "containerMap" in get("/v1/containers")[1])


def sandboxed(machine: Machine) -> None:
    with checks("both run without rights: users of their own, no capability, no new privileges, filtered system calls"):
        user = machine.run("id", "--user", "mltraining-gateway").stdout.strip()
        for unit in (GATEWAY, LOCAL):
            status = dict(line.split(":\t", 1) for line in (machine.process(unit) / "status").read_text().splitlines()
                          if ":\t" in line)
            ids = status["Uid"].split()
            # The range that systemd takes dynamic users from (systemd.exec(5)).
            expect(ids == [user] * 4 if unit == GATEWAY else 61184 <= int(ids[0]) <= 65519, f"{unit}: Uid {ids}")
            expect(all(int(status[f"Cap{name}"], 16) == 0 for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")),
                   f"{unit} has capabilities")
            expect(status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", f"{unit}: no filter")
    with checks(f"what is started as they are can do none of {len(FORBIDDEN)} things that other users can"):
        plain = machine.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "sh", "/srv/probe").stdout
        expect(said(plain) == [f"may {what}" for what in FORBIDDEN] + ["over"], f"other users: {said(plain)}")
        key = tree / "etc/mltraining-gateway/keys/probe"
        key.write_text("the key\n")
        key.chmod(0o600)
        # The gateway has the key as a copy, not where root has put it.
        expect(probed(machine, GATEWAY) == ["sees the key", "over"], f"{GATEWAY}: {said(machine.journal(GATEWAY))}")
        expect(probed(machine, LOCAL) == ["may write its state", "over"], f"{LOCAL}: {said(machine.journal(LOCAL))}")
        key.unlink()


def said(text: str) -> list[str]:
    return re.findall(r"^probe: (.*)$", text, flags=re.MULTILINE)


def probed(machine: Machine, unit: str) -> list[str]:
    """What the probes say that run before the service, in all that its unit has for its processes."""
    drop_in(machine, unit, "[Service]\nExecStartPre=/bin/sh /srv/probe\n")
    machine.systemctl("restart", unit)
    eventually("the probes are over", lambda: "over" in said(machine.journal(unit)))
    drop_in(machine, unit, "")
    machine.systemctl("restart", unit)
    return said(machine.journal(unit))


def with_keys(machine: Machine) -> None:
    with checks("keys by LoadCredential: HTTPS with root's key, signing in to the local service with root's API key"):
        keys = tree / "etc/mltraining-gateway/keys"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", keys / "server.key",
            "-out", keys / "server.pem")
        (keys / "id").write_text("gateway\n")
        (keys / "key").write_text("s3cret\n")
        (keys / "tokens").write_text("t0ken\n")
        (tree / "etc/api-keys").write_text("gateway s3cret\n")
        for file in (*keys.iterdir(), tree / "etc/api-keys"):
            file.chmod(0o600)
        drop_in(machine, LOCAL, "[Service]\nLoadCredential=api-keys:/etc/api-keys\nExecStart=\nExecStart="
                "/usr/bin/mltraining-local serve --data-dir ${STATE_DIRECTORY} --api-keys %d/api-keys\n")
        plain = (tree / CONFIGURATION).read_text()
        credentials = f"/run/credentials/{GATEWAY}/keys_"
        configure(tls_cert=f"{credentials}server.pem", tls_key=f"{credentials}server.key", viam_auth="service-key",
                  viam_api_key_id_file=f"{credentials}id", viam_api_key_file=f"{credentials}key",
                  client_tokens=f"{credentials}tokens")
        machine.systemctl("restart", LOCAL, GATEWAY)
        eventually("the gateway is ready", ready)
        https = http.client.HTTPSConnection("localhost", LISTEN, timeout=30,
                                            context=ssl.create_default_context(cafile=str(keys / "server.pem")))
        with contextlib.closing(https):
            for token, status in (("another", 401), ("t0ken", 200)):
                https.request("GET", "/v1/containers", headers={"Authorization": f"Bearer {token}"})
                answer = https.getresponse()
                said_of_it = answer.read().decode()
                expect(answer.status == status, f"token {token}: {answer.status} {said_of_it}")
        expect("signed in gateway" in machine.journal(LOCAL), "the local service knows of no sign-in")
        (tree / CONFIGURATION).write_text(plain)
        drop_in(machine, LOCAL, "")
        machine.systemctl("restart", LOCAL, GATEWAY)
        eventually("the gateway is ready again", ready)


def moved(machine: Machine) -> None:
    with checks("a drop-in of the socket moves it, to a port that the gateway has no right to itself"):
        for text, port in (("ListenStream=\nListenStream=127.0.0.1:443\n", 443), ("", LISTEN)):
            drop_in(machine, SOCKET, f"[Socket]\n{text}")
            machine.systemctl("stop", GATEWAY, SOCKET)
            machine.systemctl("start", GATEWAY)
            eventually("the gateway is ready", ready)
            expect(get("/v1/containers", port)[0] == 200, f"no answer on port {port}")


def started_anew(machine: Machine) -> None:
    with checks("two restarts under load lose no request: the socket stays open"):
        with Load(LISTEN, "/v1/containers") as load:
            for _ in range(2):
                replaced(machine, load, lambda: machine.systemctl("restart", GATEWAY))
        load.expect_all_answered()
    with checks("an upgrade of the package under load restarts the gateway and loses no request"):
        with Load(LISTEN, "/v1/containers") as load:
            replaced(machine, load, lambda: machine.run("dpkg", "--install", "/srv/next.deb", timeout=180))
        load.expect_all_answered()
        version = machine.run("dpkg-query", "--show", "--showformat", "${Version}", "mltraining-gateway").stdout
        expect(version.endswith("+next"), f"version {version} is installed")
    with checks("systemctl stop waits for a request that has begun, which is answered"):
        stopped_in_flight(machine)
    with checks("a connection to the socket of a stopped service starts it"):
        expect(machine.show(SOCKET, "ActiveState") == "active", "the socket was closed")
        expect(machine.show(GATEWAY, "ActiveState") == "inactive", f"it is {machine.show(GATEWAY, 'ActiveState')}")
        expect(get("/v1/containers")[0] in (200, 503), "no answer")
        expect(machine.show(GATEWAY, "ActiveState") == "active", "it was not started")
        eventually("the gateway is ready", ready)


def replaced(machine: Machine, load: Load, restart) -> None:
    """Restarts the gateway while requests come, before, meanwhile and afterwards."""
    before = machine.show(GATEWAY, "MainPID")
    load.go_on_for(200)
    restart()
    expect(machine.show(GATEWAY, "MainPID") not in ("0", before), "it is the same process")
    load.go_on_for(200)


def stopped_in_flight(machine: Machine) -> None:
    body = json.dumps({"organizationId": "org", "datasetId": "set", "modelName": "last", "modelVersion": "1",
                       "modelType": "MODEL_TYPE_OBJECT_DETECTION", "tags": ["a"]}).encode()
    head = (f"POST /v1/jobs HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n")
    with socket.create_connection(("127.0.0.1", LISTEN), timeout=30) as client:
        client.sendall(head.encode())
        # It has the header, then, and the request has begun.
        expect(client.recv(1000).startswith(b"HTTP/1.1 100 "), "the gateway does not want the body")
        client.sendall(body[:10])
        machine.systemctl("stop", "--no-block", GATEWAY)
        eventually("the service is stopping", lambda: machine.show(GATEWAY, "ActiveState") == "deactivating")
        eventually("/readyz says so", lambda: not ready())
        expect(machine.show(GATEWAY, "ActiveState") == "deactivating", "it did not wait")
        client.sendall(body[10:])
        answer = b""
        while part := client.recv(65536):
            answer += part
        expect(answer.startswith(b"HTTP/1.1 201 ") and b'"id":' in answer, f"answer: {answer!r}")
    eventually("the service has stopped", lambda: machine.show(GATEWAY, "ActiveState") == "inactive")
    expect(machine.show(GATEWAY, "Result") == "success", f"result: {machine.show(GATEWAY, 'Result')}")


def watched(machine: Machine) -> None:
    with checks("the watchdog is armed, the gateway tells that it is alive, and one that hangs is started anew"):
        expect(machine.show(GATEWAY, "WatchdogUSec") == "30s", machine.show(GATEWAY, "WatchdogUSec"))
        drop_in(machine, GATEWAY, "[Service]\nWatchdogSec=2\n")
        machine.systemctl("restart", GATEWAY)
        signs = "WatchdogTimestampMonotonic"
        first = machine.show(GATEWAY, signs)
        eventually("a sign of life", lambda: machine.show(GATEWAY, signs) != first)
        hung = machine.show(GATEWAY, "MainPID")
        os.kill(int(machine.process(GATEWAY).name), signal.SIGSTOP)
        eventually("another process serves", lambda: machine.show(GATEWAY, "MainPID") not in ("0", hung)
                   and machine.show(GATEWAY, "ActiveState") == "active", 60)
        expect("Watchdog timeout" in machine.journal(GATEWAY), "the journal tells of no watchdog")
        eventually("it is ready", ready)
        drop_in(machine, GATEWAY, "")
    with checks("a gateway that is killed eight times within seconds comes back, and no connection is refused"):
        drop_in(machine, GATEWAY, "[Service]\nRestartSec=100ms\n")
        start = time.monotonic()
        for _ in range(8):
            killed = machine.show(GATEWAY, "MainPID")
            machine.systemctl("kill", "--signal=KILL", GATEWAY)
            with socket.create_connection(("127.0.0.1", LISTEN), timeout=5):
                eventually("another process serves", lambda: machine.show(GATEWAY, "MainPID") not in ("0", killed)
                           and machine.show(GATEWAY, "ActiveState") == "active")
        # Systemd's own limit is five starts in ten.
        expect(time.monotonic() - start < 10, f"{time.monotonic() - start:.0f} s are too slow for a limit")
        eventually("it is ready", ready)
        expect(machine.show(SOCKET, "ActiveState") == "active", "the socket was closed")
        drop_in(machine, GATEWAY, "")


def removed(machine: Machine) -> None:
    with checks("dpkg --purge stops both services, closes the socket and deletes the local service's jobs"):
        state = tree / "var/lib/private/mltraining-local"
        expect(any(state.iterdir()), "the local service has no state where it should")
        machine.run("dpkg", "--purge", *PACKAGES, timeout=180)
        for unit in (GATEWAY, SOCKET, LOCAL):
            expect(machine.show(unit, "LoadState") == "not-found", f"{unit} is known yet")
            expect(machine.show(unit, "ActiveState") == "inactive", f"{unit} is active")
        with socket.socket() as client:
            expect(client.connect_ex(("127.0.0.1", LISTEN)) != 0, "something listens yet")
        expect(not state.exists() and not os.path.lexists(tree / "var/lib/mltraining-local"), "jobs are left")


if __name__ == "__main__":
    sys.exit(main())
