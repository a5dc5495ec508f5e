import GatewayTesting

/// What a client gets, as far as the table of faults tells it.
struct ClientView: Hashable, Sendable {
    let status: Int
    /// The name of the gRPC code, nil for a 200.
    let name: String?
    /// Of the gateway's own `google.rpc.ErrorInfo`, nil where there is none.
    let reason: String?

    init(_ status: Int, _ name: String? = nil, _ reason: String? = nil) {
        self.status = status
        self.name = name
        self.reason = reason
    }

    init(_ answer: Answer) {
        let info = answer.detail("ErrorInfo")
        self.init(
            // Where upstream names the new job, a submit is 201; the table has one status for all that went well.
            answer.status == 201 ? 200 : answer.status,
            answer.error["status"].text,
            info["domain"] == "mltraining-gateway" ? info["reason"].text : nil
        )
    }

    static let ok = ClientView(200)
    static let unavailable = ClientView(503, "UNAVAILABLE")
    /// A submit broke off, whatever way, after it had been sent.
    static let fateUnknown = ClientView(503, "UNAVAILABLE", "OUTCOME_UNKNOWN")
    static let internalError = ClientView(500, "INTERNAL")
    /// The answer is gRPC, but no message of its type.
    static let unreadable = ClientView(500, "INTERNAL", "MALFORMED_UPSTREAM_ANSWER")
    /// The answer is not gRPC, and its HTTP status says nothing.
    static let unknown = ClientView(500, "UNKNOWN")
    static let tooLate = ClientView(504, "DEADLINE_EXCEEDED", "DEADLINE_UPSTREAM")
    static let noConnectionInTime = ClientView(504, "DEADLINE_EXCEEDED", "DEADLINE_CONNECT")
}

extension ClientView: CustomStringConvertible {
    var description: String {
        ["\(status)", name, reason.map { "`\($0)`" }].compactMap(\.self).joined(separator: " ")
    }
}
