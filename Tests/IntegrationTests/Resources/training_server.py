"""A server of viam.app.mltraining.v1.MLTrainingService on grpcio or grpclib, for tests of faults.

usage: training_server.py grpcio|grpclib DESCRIPTOR_SET [PORT] [NAME=NUMBER...]

Messages are made at run time from DESCRIPTOR_SET. PORT 0, the default, lets the system choose. NAME is a channel
argument of grpcio, such as grpc.max_concurrent_streams; grpclib takes none.

Prints `listening on PORT`, `connection from PEER` for each that grpcio has, and a line for each call as it begins:
`submit MODEL_NAME`, `get ID`, `list ORGANIZATION`, `logs ID`. A line that is out stays out, whatever becomes of the
process. What comes behind the last `:` of that name tells what to do:

    ...:late=SECONDS     answer after so long
    ...:fail=CODE        end with that gRPC code and two details
    ...:bytes=COUNT      answer with about that many bytes, never more (list, logs)
"""

import asyncio
import pathlib
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2

PACKAGE = "viam.app.mltraining.v1"
SERVICE = f"{PACKAGE}.MLTrainingService"


class Failure(Exception):
    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        info = error_details_pb2.ErrorInfo(reason="TOLD_TO", domain="test")
        help_ = error_details_pb2.Help(links=[error_details_pb2.Help.Link(url="https://example.com/ü")])
        self.details = [info, help_]

    def serialized_status(self) -> bytes:
        status = status_pb2.Status(code=self.code, message=self.message)
        for detail in self.details:
            status.details.add().Pack(detail)
        return status.SerializeToString()


class Training:
    """The service, whichever library carries it: `methods` maps a name to handler, request and response class."""

    def __init__(self, descriptor_set: str) -> None:
        # A pool of its own: the default one has Google's files from the installed packages.
        pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(descriptor_set).read_bytes())
        for file in files.file:
            pool.Add(file)

        def message(name):
            return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))

        self.job = message("TrainingJobMetadata")
        self.entry = message("TrainingJobLogEntry")
        handlers = {
            "SubmitTrainingJob": self.submit,
            "GetTrainingJob": self.get,
            "ListTrainingJobs": self.list,
            "GetTrainingJobLogs": self.logs,
        }
        self.methods = {
            name: (handler, message(f"{name}Request"), message(f"{name}Response"))
            for name, handler in handlers.items()
        }

    async def submit(self, request, response) -> None:
        await self.obey("submit", request.model_name)
        response.id = request.model_name

    async def get(self, request, response) -> None:
        await self.obey("get", request.id)
        response.metadata.id = request.id

    async def list(self, request, response) -> None:
        count = await self.obey("list", request.organization_id)
        fill(response.jobs, self.job(**REALISTIC), count)

    async def logs(self, request, response) -> None:
        count = await self.obey("logs", request.id)
        fill(response.logs, self.entry(level="info", message="epoch 7: loss 0.0123 " * 40), count)

    async def obey(self, what: str, name: str) -> int:
        """Notes the call and does what `name` says; the number of bytes to answer with."""
        print(what, name, flush=True)
        order, _, value = name.rpartition(":")[2].partition("=")
        match order:
            case "late":
                await asyncio.sleep(float(value))
            case "fail":
                raise Failure(int(value), f"told to fail: {name}")
            case "bytes":
                return int(value)
        return 0


# A job as the service has many.
REALISTIC = {
    "id": "65f0c0ffee65f0c0ffee65f0",
    "dataset_id": "65f0c0ffee65f0c0ffee65f1",
    "organization_id": "0c7c3a0e-5a5a-4bd5-9d6f-1f5f0c7c3a0e",
    "model_name": "widgets-on-a-belt",
    "model_version": "2024-03-12T19-22-38",
    "model_type": 3,
    "model_framework": 1,
    "status": 3,
    "created_on": {"seconds": 1_700_000_000, "nanos": 123_000_000},
    "last_modified": {"seconds": 1_700_003_600, "nanos": 456_000_000},
    "training_started": {"seconds": 1_700_000_060},
    "training_ended": {"seconds": 1_700_003_600},
    "synced_model_id": "65f0c0ffee65f0c0ffee65f2",
    "tags": ["belt", "widget", "night shift"],
}


def fill(field, item, size: int) -> None:
    """Puts as many of `item` into `field` as `size` bytes hold, each with its tag and a length of at most two bytes."""
    field.extend([item] * (size // (item.ByteSize() + 3)))


async def serve_grpcio(training: Training, port: int, options: dict[str, int]) -> int:
    import grpc.aio

    peers = set()

    def adapt(handler, request_type, response_type):
        async def call(request, context):
            if context.peer() not in peers:
                peers.add(context.peer())
                print("connection from", context.peer(), flush=True)
            response = response_type()
            try:
                await handler(request, response)
            except Failure as failure:
                trailers = (("grpc-status-details-bin", failure.serialized_status()),)
                codes = {code.value[0]: code for code in grpc.StatusCode}
                await context.abort(codes[failure.code], failure.message, trailers)
            return response

        return grpc.unary_unary_rpc_method_handler(call, request_type.FromString, response_type.SerializeToString)

    defaults = {"grpc.max_send_message_length": -1, "grpc.so_reuseport": 0}
    server = grpc.aio.server(options=list((defaults | options).items()))
    methods = {name: adapt(*parts) for name, parts in training.methods.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    training.server = server
    return port


async def serve_grpclib(training: Training, port: int, options: dict[str, int]) -> int:
    import grpclib.const
    import grpclib.exceptions
    import grpclib.server
    from grpclib.encoding.base import StatusDetailsCodecBase

    class Details(StatusDetailsCodecBase):
        def encode(self, status, message, details):
            return details

        def decode(self, status, message, data):
            raise NotImplementedError("a client's part")

    def adapt(handler, request_type, response_type):
        async def call(stream):
            response = response_type()
            try:
                await handler(await stream.recv_message(), response)
            except Failure as failure:
                code = grpclib.const.Status(failure.code)
                raise grpclib.exceptions.GRPCError(code, failure.message, failure.serialized_status())
            await stream.send_message(response)

        return grpclib.const.Handler(call, grpclib.const.Cardinality.UNARY_UNARY, request_type, response_type)

    class Service:
        def __mapping__(self):
            return {f"/{SERVICE}/{name}": adapt(*parts) for name, parts in training.methods.items()}

    if options:
        raise SystemExit(f"grpclib takes none of {options}")
    server = grpclib.server.Server([Service()], status_details_codec=Details())
    await server.start("127.0.0.1", port)
    training.server = server
    return server._server.sockets[0].getsockname()[1]


async def main(library: str, descriptor_set: str, port: str = "0", *options: str) -> None:
    numbers = {name: int(value) for name, _, value in (option.partition("=") for option in options)}
    serve = {"grpcio": serve_grpcio, "grpclib": serve_grpclib}[library]
    port = await serve(Training(descriptor_set), int(port), numbers)
    print(f"listening on {port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
