import GatewayTesting

/// Frames that break RFC 9113, sent instead of an answer.
enum FrameFaults {
    /// They end the connection, so a submit's fate is open.
    static let connectionErrors: [Fault] = [
        broken("a frame longer than SETTINGS_MAX_FRAME_SIZE") { stream in
            HTTP2Frame.data(stream: stream, [UInt8](repeating: 0, count: 20_000))
        },
        broken("a length of 2^24-1 that never comes") { HTTP2Frame.bytes(type: 0, stream: $0, length: 0xFF_FFFF) },
        broken("DATA on stream 0") { _ in HTTP2Frame.data(stream: 0, [1]) },
        broken("DATA before the answer's headers") { HTTP2Frame.data(stream: $0, [0, 0, 0, 0, 0]) },
        broken("DATA padded beyond its end") { HTTP2Frame.bytes(type: 0, flags: 8, stream: $0, payload: [9, 1]) },
        broken("DATA on a stream that was never opened") { HTTP2Frame.data(stream: $0 + 1000, [1]) },
        broken("HEADERS on stream 0") { _ in HTTP2Frame.headers(stream: 0, [":status": "200"]) },
        broken("HEADERS on a stream of the server's own") { _ in HTTP2Frame.headers(stream: 2, [":status": "200"]) },
        broken("HPACK: index 0") { HTTP2Frame.bytes(type: 1, flags: 4, stream: $0, payload: [0x80]) },
        broken("HPACK: an index that is not in the table") {
            HTTP2Frame.bytes(type: 1, flags: 4, stream: $0, payload: [0xFF, 0x80, 0x80, 0x04])
        },
        broken("HPACK: an integer without end") {
            HTTP2Frame.bytes(type: 1, flags: 4, stream: $0, payload: [UInt8](repeating: 0xFF, count: 64))
        },
        broken("HPACK: a table larger than allowed") {
            HTTP2Frame.bytes(type: 1, flags: 4, stream: $0, payload: [0x3F, 0xE1, 0xFF, 0x03])
        },
        broken("HPACK: Huffman code with EOS in it") {
            HTTP2Frame.bytes(type: 1, flags: 4, stream: $0, payload: [0, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0])
        },
        broken("CONTINUATION out of place") { HTTP2Frame.bytes(type: 9, flags: 4, stream: $0) },
        broken("another frame amid CONTINUATIONs") {
            HTTP2Frame.bytes(type: 1, stream: $0) + HTTP2Frame.bytes(type: 6, payload: [UInt8](repeating: 0, count: 8))
        },
        broken("100,000 CONTINUATIONs") { stream in
            let frame = HTTP2Frame.bytes(type: 9, stream: stream)
            return HTTP2Frame.bytes(type: 1, stream: stream) + (0..<100_000).flatMap { _ in frame }
        },
        broken("RST_STREAM on stream 0") { _ in HTTP2Frame.bytes(type: 3, payload: [0, 0, 0, 8]) },
        broken("RST_STREAM of three bytes") { HTTP2Frame.bytes(type: 3, stream: $0, payload: [0, 0, 8]) },
        broken("RST_STREAM for a stream that was never opened") {
            HTTP2Frame.bytes(type: 3, stream: $0 + 1000, payload: [0, 0, 0, 8])
        },
        broken("SETTINGS_INITIAL_WINDOW_SIZE of 2^31, amid calls") { _ in
            HTTP2Frame.bytes(type: 4, payload: [0, 4, 0x80, 0, 0, 0])
        },
        broken("SETTINGS acknowledged with a payload") { _ in
            HTTP2Frame.bytes(type: 4, flags: 1, payload: [0, 3, 0, 0, 0, 1])
        },
        broken("PUSH_PROMISE") {
            HTTP2Frame.bytes(
                type: 5,
                flags: 4,
                stream: $0,
                payload: [0, 0, 0, 2] + HTTP2Frame.literalBlock([":method": "GET", ":path": "/"])
            )
        },
        broken("PING of seven bytes") { _ in HTTP2Frame.bytes(type: 6, payload: [UInt8](repeating: 0, count: 7)) },
        broken("GOAWAY of four bytes") { _ in HTTP2Frame.bytes(type: 7, payload: [0, 0, 0, 0]) },
        broken("WINDOW_UPDATE of 0 for the connection") { _ in HTTP2Frame.bytes(type: 8, payload: [0, 0, 0, 0]) },
        broken("WINDOW_UPDATE beyond 2^31-1 for the connection") { _ in
            HTTP2Frame.bytes(type: 8, payload: [0x7F, 0xFF, 0xFF, 0xFF])
        },
        broken("WINDOW_UPDATE for a stream that was never opened") {
            HTTP2Frame.bytes(type: 8, stream: $0 + 1000, payload: [0, 0, 0, 1])
        },
        broken("text of HTTP/1.1") { _ in Array("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".utf8) },
    ]

    /// They end the stream alone.
    static let streamErrors: [Fault] = [
        broken("no :status") { HTTP2Frame.headers(stream: $0, ["content-type": "application/grpc"]) },
        broken("two of :status") { HTTP2Frame.headers(stream: $0, [":status": "200", ":status": "200"]) },
        broken("a :status that is no number") { HTTP2Frame.headers(stream: $0, [":status": "2x0"]) },
        broken("a name in upper case") { HTTP2Frame.headers(stream: $0, [":status": "200", "Content-Type": "a/b"]) },
        broken("`connection` among the headers") {
            HTTP2Frame.headers(stream: $0, [":status": "200", "connection": "close"])
        },
        broken("a pseudo-header behind others") {
            HTTP2Frame.headers(stream: $0, ["content-type": "application/grpc", ":status": "200"])
        },
        broken("trailers that do not end the stream") { stream in
            HTTP2Frame.headers(stream: stream, [":status": "200", "content-type": "application/grpc"])
                + HTTP2Frame.headers(stream: stream, ["grpc-status": "0"])
        },
        broken("WINDOW_UPDATE of 0 for the stream") { HTTP2Frame.bytes(type: 8, stream: $0, payload: [0, 0, 0, 0]) },
        broken("WINDOW_UPDATE beyond 2^31-1 for the stream") {
            HTTP2Frame.bytes(type: 8, stream: $0, payload: [0x7F, 0xFF, 0xFF, 0xFF])
        },
        broken("a header list of 10 MiB") { stream in
            let block = HTTP2Frame.literalBlock([":status": "200", "x": String(repeating: "x", count: 16_000)])
            let more = HTTP2Frame.literalBlock(["x": String(repeating: "x", count: 16_000)])
            return HTTP2Frame.bytes(type: 1, stream: stream, payload: block)
                + (0..<650).flatMap { _ in HTTP2Frame.bytes(type: 9, stream: stream, payload: more) }
                + HTTP2Frame.bytes(type: 9, flags: 4, stream: stream)
        },
        Fault(
            "a header list of 40 MiB in one frame, by HPACK's table",
            submit: .fateUnknown,
            read: .internalError,
            [
                .raw { stream in
                    // A literal that enters the table, then references to it.
                    let long: HeaderList = ["x": String(repeating: "x", count: 4000)]
                    let block =
                        HTTP2Frame.literalBlock([":status": "200"]) + [0x40] + HTTP2Frame.literalBlock(long).dropFirst()
                    let references = [UInt8](repeating: 0xBE, count: 10_000)
                    return HTTP2Frame.bytes(type: 1, flags: 4, stream: stream, payload: block + references)
                },
                // The upstream's own table knows nothing of it, so this connection is of no further use.
                .delay(.milliseconds(20)), .close,
            ]
        ),
    ]

    /// They are no fault at all.
    static let harmless: [Fault] = [
        ignored("a frame of an unknown type") { HTTP2Frame.bytes(type: 0xEE, flags: 0xFF, stream: $0, payload: [1]) },
        ignored("an unknown setting") { _ in HTTP2Frame.bytes(type: 4, payload: [0xFF, 0xFF, 1, 2, 3, 4]) },
        ignored("PRIORITY") { HTTP2Frame.bytes(type: 2, stream: $0, payload: [0, 0, 0, 0, 1]) },
        ignored("an answer to a PING that was not sent") { _ in
            HTTP2Frame.bytes(type: 6, flags: 1, payload: [UInt8](repeating: 7, count: 8))
        },
        Fault(
            "an answer in DATA frames of one byte, padded",
            submit: .ok,
            read: .ok,
            Script([.grpcHeaders()] + GRPCFrame.encode([0x0A, 0]).map(paddedByte) + [.grpcTrailers()])
        ),
        Fault(
            "1,000 interim answers (100) first",
            submit: .ok,
            read: .ok,
            [.raw { stream in (0..<1000).flatMap { _ in HTTP2Frame.headers(stream: stream, [":status": "100"]) } }]
                + .emptyAnswer
        ),
    ]

    private static func broken(_ name: String, _ make: @escaping @Sendable (Int32) -> [UInt8]) -> Fault {
        Fault(name, submit: .fateUnknown, read: .internalError, [.raw(make)])
    }

    private static func paddedByte(_ byte: UInt8) -> Script.Step {
        let padding = [UInt8](repeating: 0, count: 9)
        return .raw { HTTP2Frame.bytes(type: 0, flags: 8, stream: $0, payload: [9, byte] + padding) }
    }

    private static func ignored(_ name: String, _ make: @escaping @Sendable (Int32) -> [UInt8]) -> Fault {
        Fault(name, submit: .ok, read: .ok, [.raw(make)] + .emptyAnswer)
    }
}
