"""usage: plain_descriptor_set.py FROM TO

Copies a descriptor set without what not all of the compared can do: `response_body` of a message, which Envoy refuses, and
proto3's `optional`, which Debian's protoc-gen-go does not know (on the wire it is all one).
"""

import sys

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

descriptors = descriptor_pb2.FileDescriptorSet()
with open(sys.argv[1], "rb") as file:
    descriptors.ParseFromString(file.read())
for message in (message for file in descriptors.file for message in file.message_type):
    for field in message.field:
        if field.proto3_optional:
            field.ClearField("proto3_optional")
            field.ClearField("oneof_index")
    # The oneofs that stand for such fields come last.
    while message.oneof_decl and message.oneof_decl[-1].name.startswith("_"):
        del message.oneof_decl[-1]
for method in (method for file in descriptors.file for service in file.service for method in service.method):
    if method.options.HasExtension(annotations_pb2.http):
        rule = method.options.Extensions[annotations_pb2.http]
        for binding in [rule, *rule.additional_bindings]:
            binding.ClearField("response_body")
with open(sys.argv[2], "wb") as file:
    file.write(descriptors.SerializeToString())
