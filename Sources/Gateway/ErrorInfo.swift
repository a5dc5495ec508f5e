/// A `google.rpc.ErrorInfo` of the gateway's own, whose domain is `mltraining-gateway`.
struct ErrorInfo {
    /// In UPPER_SNAKE_CASE; programs can rely on it.
    let reason: StaticString
    var metadata: [(key: StaticString, value: StaticString)]

    init(_ reason: StaticString, _ metadata: [(key: StaticString, value: StaticString)] = []) {
        self.reason = reason
        self.metadata = metadata
    }
}
