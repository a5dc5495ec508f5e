"""A grpcio server of feed.v1.Feed, for the tests of streams against somebody else's gRPC.

usage: feed_server.py PROTOS

PROTOS is the folder of feed.proto. Prints `listening on PORT`, then a line for each stream that has ended.
"""

import pathlib
import sys
import tempfile
from concurrent import futures

import google.rpc.status_pb2
import grpc
import grpc_tools
from google.api import httpbody_pb2
from grpc_tools import protoc


def generate(protos: str, output: str) -> None:
    """Makes the messages and stubs of feed.proto in `output`."""
    common = pathlib.Path(google.rpc.status_pb2.__file__).parents[2]
    well_known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    paths = [f"--proto_path={path}" for path in (protos, common, well_known)]
    status = protoc.main(["protoc", *paths, f"--python_out={output}", f"--grpc_python_out={output}", "feed.proto"])
    if status != 0:
        raise SystemExit(status)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        generate(sys.argv[1], folder)
        sys.path.insert(0, folder)
        import feed_pb2
        import feed_pb2_grpc

    class Feed(feed_pb2_grpc.FeedServicer):
        def Watch(self, request, context):
            """The topic is `COUNT SIZE`, behind which `!` ends the stream with an error."""
            count, size = request.topic.rstrip("!").split()
            context.add_callback(lambda: print(f"ended {request.topic}", flush=True))
            for number in range(int(count)):
                yield feed_pb2.Event(id=str(number), note=feed_pb2.Note(text="x" * int(size)))
            if request.topic.endswith("!"):
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "that is enough")

        def Render(self, request, context):
            return httpbody_pb2.HttpBody(content_type=request.content_type, data=request.data[::-1])

    server = grpc.server(futures.ThreadPoolExecutor(4))
    feed_pb2_grpc.add_FeedServicer_to_server(Feed(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening on {port}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main()
