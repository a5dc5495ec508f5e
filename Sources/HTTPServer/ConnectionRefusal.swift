package import Bytes

/// Why a connection ends before there is a request.
package enum RefusalCause: Sendable {
    /// There is no place for it.
    case connection(ConnectionLedger.Limit)
    /// Its request line is longer than a whole header block may be.
    case requestLine
}

/// The answer to a connection that has not asked for anything yet.
package struct ConnectionRefusal: ~Copyable {
    let status: UInt16
    /// Lines that end in CR LF each.
    let fields: String
    let body: ByteBuffer

    /// `fields` must be valid header fields; those about date, length and the connection are added.
    package init(status: UInt16, fields: [(name: String, value: String)], body: consuming ByteBuffer) {
        self.status = status
        self.fields = fields.reduce(into: "") { $0 += "\($1.name): \($1.value)\r\n" }
        self.body = body
    }
}
