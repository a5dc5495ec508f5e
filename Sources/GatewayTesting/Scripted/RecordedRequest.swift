/// A request as it came in, in full, and what became of it.
package struct RecordedRequest: Sendable {
    /// 0 for the first request that this upstream saw.
    package let number: Int
    /// How many requests for the same path came before.
    package internal(set) var ordinal = 0
    /// 1 for the first connection that this upstream accepted.
    package let connection: Int
    package let stream: Int32
    /// All fields of the first HEADERS, pseudo-headers too, in order.
    package internal(set) var headers = HeaderList()
    /// Fields of HEADERS after the body.
    package internal(set) var trailers = HeaderList()
    package internal(set) var body: [UInt8] = []
    /// All headers have come.
    package internal(set) var hasHeaders = false
    /// The client ended its side with END_STREAM.
    package internal(set) var isComplete = false
    /// Bytes of the answer's DATA that flow control has let through so far, without padding.
    package internal(set) var sentBytes = 0
    /// Bytes that the client granted to the stream by WINDOW_UPDATE.
    package internal(set) var windowGranted: Int64 = 0
    /// The code of the client's RST_STREAM.
    package internal(set) var resetCode: HTTP2ErrorCode?
    /// The connection ended before the stream did.
    package internal(set) var isConnectionLost = false
    /// The script has been carried out to its end.
    package internal(set) var isScriptDone = false

    package var path: String { headers[":path"] ?? "" }
    package var authority: String { headers[":authority"] ?? "" }
    package var timeout: String? { headers["grpc-timeout"] }
    /// The complete gRPC messages of the body.
    package var messages: [[UInt8]] { GRPCFrame.decode(body) }
}
