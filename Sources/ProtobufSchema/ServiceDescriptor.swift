/// A service as its `.proto` file declares it.
package struct ServiceDescriptor: Sendable {
    /// `pkg.Service`.
    package let fullName: String
    /// Path of the `.proto` file.
    package let file: String
    package let methods: [Method]

    /// One method of the service.
    package struct Method: Sendable {
        package let name: String
        package let input: MessageIndex
        package let output: MessageIndex
        package let isClientStreaming: Bool
        package let isServerStreaming: Bool
        package let idempotency: Idempotency
        /// The serialized `google.protobuf.MethodOptions`, extensions included.
        package let options: [UInt8]
        /// Line of the declaration, from 1, where the set has source information.
        package let line: Int?
    }

    /// `google.protobuf.MethodOptions.IdempotencyLevel`.
    package enum Idempotency: UInt8, Sendable {
        case unknown = 0
        case noSideEffects = 1
        case idempotent = 2
    }
}
