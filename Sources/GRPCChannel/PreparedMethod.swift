package import RPCCore

/// A method ready to be called: the header fields that all of its calls share.
///
/// Each call keeps its method alive, and with it the memory of those fields. What depends on the target is in
/// ``Upstream``.
package final class PreparedMethod {
    package let descriptor: MethodDescriptor
    /// Largest message of an answer, in bytes.
    let maxMessageBytes: Int
    /// Largest header block of an answer, in bytes.
    let maxHeaderListBytes: Int
    let block: FieldBlock

    init(_ descriptor: MethodDescriptor, configuration: GRPCChannel.Configuration, maxMessageBytes: Int? = nil) {
        self.descriptor = descriptor
        self.maxMessageBytes = maxMessageBytes ?? configuration.maxResponseBytes
        maxHeaderListBytes = configuration.maxHeaderListBytes
        block = FieldBlock([
            (":method", "POST"), (":path", descriptor.path), ("te", "trailers"), ("content-type", "application/grpc"),
            ("user-agent", configuration.userAgent), ("grpc-accept-encoding", "identity"),
        ])
    }
}
