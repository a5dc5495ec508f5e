# Shared by protos.sh and check-protos.sh, which source it from the root of the package.
# shellcheck shell=bash

protos=Sources/MLTraining/Protos
descriptor_set=Sources/MLTraining/Resources/mltraining.binpb
generated=Sources/MLTrainingMessages/Generated
generated_for_tests=Tests/MLTrainingTests/Generated
rich=Tests/RichMessages
manifest=Sources/MLTrainingMessages/manifest.sha256
requirements=scripts/protos-requirements.txt
venv=.venv-protos
python=$venv/bin/python

# Puts the pinned protoc into a virtual environment.
prepare_venv() {
    scripts/venv.sh "$venv" "$requirements"
}

# each_descriptor_set COMMAND...: runs COMMAND with the arguments of descriptor_set.py for every committed set:
# its folder, the set, its files.
each_descriptor_set() {
    "$@" "$protos" "$descriptor_set"
    "$@" Tests/ProtobufSchemaTests/Resources Tests/ProtobufSchemaTests/Resources/sample.binpb \
        sample.proto legacy.proto edition.proto delimited.proto
    "$@" "$rich/Protos" "$rich/rich.binpb" rich.proto
    "$@" Tests/HTTPRulesTests/Resources Tests/HTTPRulesTests/Resources/routes.binpb routes.proto
    "$@" Tests/HTTPRulesTests/Resources Tests/HTTPRulesTests/Resources/faults.binpb faults.proto
    "$@" Tests/OpenAPITests/Resources Tests/OpenAPITests/Resources/library.binpb library.proto
    "$@" Tests/IntegrationTests/Resources Tests/IntegrationTests/Resources/feed.binpb feed.proto
    "$@" "Tests/TypeScriptClientTests/Resources:$rich/Protos" Tests/TypeScriptClientTests/Resources/odd.binpb odd.proto
}

# Prints what the generated Swift is made from and what was made: a checksum a file, and the plugins' versions.
print_manifest() {
    local package
    for package in apple/swift-protobuf grpc/grpc-swift-protobuf; do
        sed -n "s|.*\"https://github.com/\($package\)\", exact: \"\([^\"]*\)\".*|plugin \1 \2|p" Package.swift
    done
    find "$protos" "$generated" "$generated_for_tests" "$rich" scripts/protos.sh "$requirements" -type f -print0 |
        LC_ALL=C sort --zero-terminated | xargs --null sha256sum
}
