/// How a call ended: a code, a message for people and the details that came in `grpc-status-details-bin`.
package struct Status: Hashable, Sendable {
    package var code: StatusCode
    /// Percent-decoded `grpc-message`.
    package var message: String
    /// A serialized `google.rpc.Status`, empty where the peer sent none.
    package var details: [UInt8]

    package init(_ code: StatusCode, _ message: String = "", details: [UInt8] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    package static let ok = Status(.ok)

    package var isOK: Bool { code == .ok }
}
