"""A gRPC server that has every method: it answers the request's own bytes, or an empty message.

usage: echo_server.py [ECHOED...]

ECHOED are the methods, as `pkg.Service/Method`, that answer what they are asked; STREAMED, behind `--`, answer two messages.
Prints the address that it listens on.
"""

import asyncio
import sys

import grpc


class Handler(grpc.GenericRpcHandler):
    def __init__(self, echoed: set[str], streamed: set[str]):
        self.echoed = echoed
        self.streamed = streamed

    def service(self, details):
        name = details.method[1:]
        if name in self.streamed:
            return grpc.unary_stream_rpc_method_handler(self.stream)
        return grpc.unary_unary_rpc_method_handler(self.echo if name in self.echoed else self.empty)

    async def echo(self, request: bytes, context) -> bytes:
        return request

    async def empty(self, request: bytes, context) -> bytes:
        return b""

    async def stream(self, request: bytes, context):
        yield b""
        yield b""


async def main(arguments: list[str]) -> None:
    place = arguments.index("--") if "--" in arguments else len(arguments)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([Handler(set(arguments[:place]), set(arguments[place + 1 :]))])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"echo server listening on 127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
