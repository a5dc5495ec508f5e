#!/usr/bin/env bash
# Makes everything that is made from the .proto files: the descriptor sets of the gateway and of the tests, and
# the Swift messages and stubs of the local service. Commit what it changes together with the .proto files.
#
# The plugins are built from the package's own dependencies, in a folder of their own (about a minute, once).
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/protos-common.sh

prepare_venv
each_descriptor_set "$python" scripts/descriptor_set.py

plugins=.build-plugins
for plugin in protoc-gen-swift protoc-gen-grpc-swift-2; do
    swift build --scratch-path "$plugins" --product "$plugin"
done
bin=$(swift build --scratch-path "$plugins" --show-bin-path)

# The API's Swift comes from the descriptor set, so that both are of one piece; google/rpc/status.proto is
# in there because it is a field of TrainingJobMetadata. SwiftProtobuf has the well-known types.
options=Visibility=Package,UseAccessLevelOnImports=true,FileNaming=DropPath
generate() {
    "$python" -m grpc_tools.protoc "$@" \
        --plugin="$bin/protoc-gen-swift" --swift_out="$options:$generated" \
        --plugin=protoc-gen-grpc-swift="$bin/protoc-gen-grpc-swift-2" --grpc-swift_out="$options:$generated"
}
rm -rf "$generated"
mkdir -p "$generated"
generate --descriptor_set_in="$descriptor_set" viam/app/mltraining/v1/ml_training.proto google/rpc/status.proto
rm "$generated/status.grpc.swift" # has no service, so nothing but a heading
generate --proto_path="$protos" proto/rpc/v1/auth.proto grpc/health/v1/health.proto

# Only tests read the annotations with SwiftProtobuf.
rm -rf "$generated_for_tests"
mkdir -p "$generated_for_tests"
"$python" -m grpc_tools.protoc --descriptor_set_in="$descriptor_set" \
    --plugin="$bin/protoc-gen-swift" --swift_out="FileNaming=DropPath:$generated_for_tests" \
    google/api/annotations.proto google/api/http.proto

# The messages that transcoding is compared with SwiftProtobuf's own on.
rm -rf "$rich/Generated"
mkdir -p "$rich/Generated"
"$python" -m grpc_tools.protoc --descriptor_set_in="$rich/rich.binpb" \
    --plugin="$bin/protoc-gen-swift" --swift_out="$options:$rich/Generated" \
    rich.proto rich_legacy.proto rich_edition.proto

print_manifest >"$manifest"
echo "made the descriptor sets and $generated"
