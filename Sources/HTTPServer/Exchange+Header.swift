internal import CMicroHTTPD
package import EventLoop

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

    /// The IP address that the connection comes from; nil for that of a unix-domain socket.
    package var peer: IPAddress? { client.peer }

    /// ``peer`` as text.
    package var peerAddress: String? { client.peer?.description }
}
