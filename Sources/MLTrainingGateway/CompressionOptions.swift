import ArgumentParser

/// Whether `serve` compresses.
struct CompressionOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Send large answers as gzip to those who take it. Request bodies in gzip are taken in any case."
    )
    var compression = true
}
