import ArgumentParser

/// What `serve` tells of the API that it serves.
struct DocumentationOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Answer /openapi.json, /openapi.yaml and, for people, /docs, where the API has no such route."
    )
    var docs = true
}
