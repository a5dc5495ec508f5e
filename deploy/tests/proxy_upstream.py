"""An upstream that answers when a check says so: feed.v1.Feed (Tests/IntegrationTests/Resources) on grpcio."""

import queue
import threading
from concurrent import futures

import grpc

import harness
from harness import eventually, expect


def field(number: int, text: str) -> bytes:
    """A protobuf field that is a string of at most 127 bytes."""
    value = text.encode()
    expect(len(value) < 128, f"{text} is too long")
    return bytes([number << 3 | 2, len(value)]) + value


class Call:
    """A call that has arrived. Its name is the first field of the request."""

    def __init__(self, name: str, metadata: dict[str, str], context: grpc.ServicerContext):
        self.name, self.metadata = name, metadata
        self.messages: queue.Queue[bytes | None] = queue.Queue()
        self.cancelled = threading.Event()
        self.finished = False
        context.add_callback(self._ended)

    def _ended(self) -> None:
        if not self.finished:
            self.cancelled.set()
        self.messages.put(None)

    def send(self, text: str) -> None:
        """Sends a message whose first field is `text`."""
        self.messages.put(field(1, text))

    def finish(self) -> None:
        self.finished = True
        self.messages.put(None)


class Upstream(grpc.GenericRpcHandler):
    """The server, in this process. Every method answers with what a check gives to its call."""

    STREAMS = {"Watch", "Download"}

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.server = grpc.server(futures.ThreadPoolExecutor(32), handlers=[self])
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        for call in self.calls:
            call.finish()
        self.server.stop(None).wait()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        if details.method.rpartition("/")[2] in self.STREAMS:
            return grpc.unary_stream_rpc_method_handler(self._stream)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: next(self._stream(request, context), b""))

    def _stream(self, request: bytes, context: grpc.ServicerContext):
        name = request[2:2 + request[1]].decode() if request else ""
        call = Call(name, {key: value for key, value in context.invocation_metadata()}, context)
        self.calls.append(call)
        while (message := call.messages.get()) is not None:
            yield message

    def named(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    def call(self, name: str) -> Call:
        """Waits for the call of that name, which must be the only one."""
        calls = eventually(f"the call {name}", lambda: self.named(name))
        expect(len(calls) == 1, f"{len(calls)} calls are {name}")
        return calls[0]


DESCRIPTOR_SET = harness.ROOT / "Tests/IntegrationTests/Resources/feed.binpb"
