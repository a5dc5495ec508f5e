"""A client that sends exactly as many requests as it is told, each when the one before has been answered."""

import socket

from bench.processes import Failed
from bench.scenarios import Scenario

TIMEOUT = 120
CHUNK = 1 << 18


def request(scenario: Scenario, host: str) -> bytes:
    fields = {"Host": host, **scenario.headers()}
    if scenario.body:
        fields["Content-Length"] = str(len(scenario.body))
    lines = [f"{scenario.verb} {scenario.target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + scenario.body


def read_answer(connection: socket.socket) -> tuple[int, int]:
    """Reads one whole answer: its status, and the bytes of its content."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received = received + receive(connection)
    head, length = received[:end].decode("latin-1"), None
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    if length is None:
        raise Failed(f"an answer without Content-Length:\n{head}")
    left = length - (len(received) - end - 4)
    while left > 0:
        left -= len(receive(connection))
    return int(head.split(" ", 2)[1]), length


def receive(connection: socket.socket) -> bytes:
    part = connection.recv(CHUNK)
    if not part:
        raise Failed("the connection ended within an answer")
    return part


def connect(address: str) -> socket.socket:
    host, _, port = address.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=TIMEOUT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def send(scenario: Scenario, address: str, count: int) -> int:
    """Makes `count` requests, all with the scenario's status, and returns the bytes of an answer."""
    text, size = request(scenario, address), 0
    connection = connect(address)
    try:
        for number in range(count):
            if number and not scenario.keeps_alive:
                connection.close()
                connection = connect(address)
            connection.sendall(text)
            status, size = read_answer(connection)
            if not scenario.is_answered(status):
                raise Failed(f"{scenario.key} is answered with {status}, not {scenario.status}")
    finally:
        connection.close()
    return size
