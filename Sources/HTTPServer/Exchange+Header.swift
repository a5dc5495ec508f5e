internal import CMicroHTTPD
internal import Glibc

extension Exchange {
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

    /// Whether `Content-Length` is above ``HTTPServer/Configuration/maximumBodySize``.
    var announcedBodyIsTooLarge: Bool {
        guard let length = header("content-length") else { return false }
        var value = 0
        for digit in length where digit >= 0x30 && digit <= 0x39 {
            let (next, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, next <= Int.max - 9 else { return true }
            value = next + Int(digit - 0x30)
        }
        return value > server.configuration.maximumBodySize
    }

    /// The IP address that the connection comes from, without a port; nil for that of a unix socket.
    ///
    /// An IPv4 client of an IPv6 socket has its IPv4 address (RFC 4291, section 2.5.5.2).
    package var peerAddress: String? {
        guard let connection, let address = gateway_mhd_client_address(connection) else { return nil }
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return Exchange.text(AF_INET, raw.advanced(by: MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 4))
        case AF_INET6:
            let start = raw.advanced(by: MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8)
            let bytes = UnsafeRawBufferPointer(start: start, count: 16)
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            return isMapped ? Exchange.text(AF_INET, start.advanced(by: 12)) : Exchange.text(AF_INET6, start)
        default:
            return nil
        }
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(family, address, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
        }
    }
}
