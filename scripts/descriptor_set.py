"""Compiles .proto files of this package into a FileDescriptorSet, by default the one the gateway ships with.

usage: descriptor_set.py PROTOS OUTPUT [FILE...]

PROTOS is the folder that FILEs are relative to; google/api, google/rpc and google/protobuf come
from the packages of protos-requirements.txt. The output is the same bytes for the same input.
"""

import pathlib
import sys
import tempfile

import google.rpc.status_pb2
import grpc_tools
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

# The API, and what the errors of any API carry: no message of the API names the error details, but
# the gateway has to print them.
FILES = [
    "viam/app/mltraining/v1/ml_training.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
]


def include_paths(protos: str) -> list[str]:
    """The folders that imports are looked up in, the package's own first."""
    common = pathlib.Path(google.rpc.status_pb2.__file__).parents[2]
    well_known = pathlib.Path(grpc_tools.__file__).parent / "_proto"
    return [f"--proto_path={path}" for path in (protos, common, well_known)]


def compile_set(protos: str, names: list[str]) -> bytes:
    """The descriptor set, with the comments of the package's own files only."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "set.binpb"
        status = protoc.main(
            ["protoc", *include_paths(protos), "--include_imports", "--include_source_info"]
            + [f"--descriptor_set_out={output}", *names]
        )
        if status != 0:
            raise SystemExit(status)
        files = descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes())
    for file in files.file:
        if file.name.startswith("google/"):
            file.ClearField("source_code_info")
    return files.SerializeToString(deterministic=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    pathlib.Path(sys.argv[2]).write_bytes(compile_set(sys.argv[1], sys.argv[3:] or FILES))
