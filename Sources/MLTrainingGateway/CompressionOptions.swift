import ArgumentParser

/// Whether `serve` compresses.
struct CompressionOptions: ParsableArguments {
    @Flag(help: "Never send answers as gzip. Request bodies in gzip are taken all the same.")
    var noCompression = false
}
