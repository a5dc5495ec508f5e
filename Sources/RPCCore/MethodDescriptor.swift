/// A gRPC method as a client sees it.
package struct MethodDescriptor: Hashable, Sendable {
    /// Full name of the service, `pkg.Service`.
    package let service: String
    /// Name of the method within it.
    package let method: String
    /// Whether the proto says `idempotency_level = NO_SIDE_EFFECTS`, so a call may be sent again.
    package let isSafeToRepeat: Bool
    /// Whether an answer is any number of messages rather than exactly one.
    package let isServerStreaming: Bool

    package init(service: String, method: String, isSafeToRepeat: Bool = false, isServerStreaming: Bool = false) {
        self.service = service
        self.method = method
        self.isSafeToRepeat = isSafeToRepeat
        self.isServerStreaming = isServerStreaming
    }

    /// The `:path` of its calls, `/pkg.Service/Method`.
    package var path: String { "/\(service)/\(method)" }
}
