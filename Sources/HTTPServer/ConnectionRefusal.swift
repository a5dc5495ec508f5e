package import Bytes

/// The answer to a connection that there is no room for, before it has asked for anything.
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
