/// An HTTP/1.1 answer, as it came.
package struct RawHTTPResponse: Sendable {
    package internal(set) var version = ""
    package internal(set) var status = 0
    package internal(set) var reason = ""
    package internal(set) var headers = HeaderList()
    /// The body without its chunks.
    package internal(set) var body: [UInt8] = []
    /// Trailer fields of a chunked body.
    package internal(set) var trailers = HeaderList()

    /// The body as text, invalid UTF-8 repaired.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the server says that it will close the connection.
    package var announcesClose: Bool {
        headers.values("connection").contains { $0.lowercased() == "close" }
    }

    /// The first value of a header, whatever the case of its name.
    package subscript(name: String) -> String? { headers[name] }
}
