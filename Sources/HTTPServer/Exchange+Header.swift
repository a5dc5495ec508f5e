internal import Bytes
internal import CMicroHTTPD
package import EventLoop

/// The header fields of a request; lent until its answer is handed over.
///
/// Values come without the white space around them, which is no part of them (RFC 9110, section 5.5).
extension Exchange {
    /// The first value of the header `name` (any case).
    package func header(_ name: StaticString) -> UnsafeRawBufferPointer? {
        untrimmed(name).map(RequestSyntax.trimmed)
    }

    /// The same, with the white space that libmicrohttpd leaves behind it.
    func untrimmed(_ name: StaticString) -> UnsafeRawBufferPointer? {
        guard nameLengths.mayHold(name.utf8CodeUnitCount), let connection, lendsHeader else { return nil }
        var value: UnsafePointer<CChar>?
        var size = 0
        let found = name.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                MHD_lookup_connection_value_n(connection, .HEADER_KIND, $0.baseAddress, $0.count, &value, &size)
            }
        }
        guard found == .YES, let value else { return nil }
        return UnsafeRawBufferPointer(start: value, count: size)
    }

    /// All values of the header `name` (in lower case), which is a list, commas between them (RFC 9110, section 5.3).
    ///
    /// Lent until this is called again, at the longest.
    package func list(_ name: StaticString) -> UnsafeRawBufferPointer? {
        guard let first = header(name) else { return nil }
        return nameLengths.mayRepeat(name.utf8CodeUnitCount) ? join(name, first) : first
    }

    @inline(never)
    private func join(_ name: StaticString, _ first: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var fields: [RequestField] = []
        collectFields(into: &fields)
        let values = fields.lazy.filter { RequestSyntax.equals($0.name, name) }.map(\.value)
        guard values.dropFirst().first != nil else { return first }
        joined.truncate(to: 0)
        for value in values {
            if !joined.isEmpty { joined.append(", ") }
            joined.append(contentsOf: value)
        }
        return joined.bytes
    }

    /// Replaces the elements of `fields` by the request's header fields, in the order of the wire.
    ///
    /// An array that is used again keeps its memory, so that nothing is allocated.
    package func collectFields(into fields: inout [RequestField]) {
        fields.removeAll(keepingCapacity: true)
        guard let connection, lendsHeader else { return }
        withUnsafeMutablePointer(to: &fields) { list in
            // Rule (d): the array is lent for the length of this call.
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, Exchange.collector, list)
        }
    }

    private static let collector: MHD_KeyValueIteratorN = { context, _, name, nameSize, value, valueSize in
        guard let list = context?.assumingMemoryBound(to: [RequestField].self) else { return .NO }
        let name = UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameSize)
        let value = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
        list.pointee.append(RequestField(name: name, value: RequestSyntax.trimmed(value)))
        return .YES
    }

    /// The IP address that the connection comes from; nil for that of a unix-domain socket.
    package var peer: IPAddress? { client.peer }

    /// ``peer`` as text.
    package var peerAddress: String? { client.peer?.description }
}

// MARK: - What the header says of the request

extension Exchange {
    /// Bytes of libmicrohttpd's memory that a header block of `text` bytes takes.
    func headerBlockSize(text: Int) -> Int {
        // The shortest field has five bytes and the shortest cookie two: so few cannot be many enough to matter.
        guard text > 256, let connection else { return text }
        // Each name and value, and each cookie, is in a `struct MHD_HTTP_Header` of 56 bytes, aligned to 16.
        return text + 64 * Int(gateway_mhd_value_count(connection))
    }

    /// The value of `Content-Length`, `Int.max` for one that is larger, nil if there is none.
    func contentLength() -> Int? {
        guard let digits = header("content-length") else { return nil }
        var value = 0
        for digit in digits where digit >= 0x30 && digit <= 0x39 {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, next <= Int.max - 9 else { return .max }
            value = next + Int(digit - 0x30)
        }
        return value
    }

    /// Whether the client waits for leave to send its body (RFC 9110, section 10.1.1), and will not get it.
    var isRefusedUnread: Bool {
        guard !knowsNoChunks, let expectation = header("expect"), RequestSyntax.equals(expectation, "100-continue")
        else { return false }
        return server.refusesUnread?(self) ?? false
    }
}
