internal import HTTPServer

/// What a line of the access log is made of; lent for as long as that takes.
struct AccessLogEntry {
    /// Nil for a client of a unix socket.
    let client: String?
    let exchange: Exchange
    /// What the client got, or what stands for that it did not.
    let status: UInt16
    let culprit: RequestRecord.Culprit?
    /// The route's template, empty for none.
    let route: String
    /// `package.Service/Method`, nil for none.
    let method: String?
}
