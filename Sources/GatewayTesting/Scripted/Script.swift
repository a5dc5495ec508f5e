/// What a scripted upstream does about one request, step by step.
///
/// Each step is on its way to the socket before the next one starts. A script that ends without an end of stream leaves
/// the call open; the empty script never answers.
package struct Script: Sendable, ExpressibleByArrayLiteral {
    package enum Step: Sendable {
        /// HEADERS, exactly these; the first one should hold `:status`.
        case headers(HeaderList, endStream: Bool)
        /// DATA, exactly these bytes, as far as flow control allows; the step ends when all are sent.
        case data([UInt8], endStream: Bool)
        case reset(HTTP2ErrorCode)
        /// Bytes that go between two frames as they are, made for this request's stream.
        case raw(@Sendable (_ stream: Int32) -> [UInt8])
        case delay(Duration)
        case hold(Gate)
        case connection(ConnectionAction)
        /// The same step this many times, made anew each time, so that a long answer needs little memory.
        indirect case times(Int, Step)
    }

    package var steps: [Step]

    package init(_ steps: [Step]) {
        self.steps = steps
    }

    package init(arrayLiteral elements: Step...) {
        steps = elements
    }

    package static func + (left: Script, right: Script) -> Script {
        Script(left.steps + right.steps)
    }
}

extension Script.Step {
    /// Response headers of a gRPC answer: 200 and gRPC's content type, then `extra`.
    package static func grpcHeaders(_ extra: HeaderList = [:]) -> Script.Step {
        .headers([":status": "200", "content-type": "application/grpc"] + extra, endStream: false)
    }

    package static func headers(_ headers: HeaderList) -> Script.Step { .headers(headers, endStream: false) }

    /// HEADERS that end the stream.
    package static func trailers(_ trailers: HeaderList) -> Script.Step { .headers(trailers, endStream: true) }

    /// gRPC's trailers, the message as it would go on the wire.
    package static func grpcTrailers(_ code: Int = 0, _ message: String? = nil, _ extra: HeaderList = [:])
        -> Script.Step
    {
        .trailers(Script.statusFields(code, message) + extra)
    }

    package static func data(_ bytes: [UInt8]) -> Script.Step { .data(bytes, endStream: false) }

    /// One length-prefixed message; flag and length may lie.
    package static func message(_ message: [UInt8], compressed: Bool = false, length: UInt32? = nil) -> Script.Step {
        .data(GRPCFrame.encode(message, compressed: compressed, length: length), endStream: false)
    }

    package static func goAway(
        lastStream: Int32 = .max,
        _ code: HTTP2ErrorCode = .noError,
        debug: [UInt8] = []
    ) -> Script.Step {
        .connection(.goAway(lastStream: lastStream, code, debug: debug))
    }

    package static func ping(_ count: Int = 1) -> Script.Step { .connection(.ping(count)) }
    package static var close: Script.Step { .connection(.close) }
    package static var abort: Script.Step { .connection(.abort) }
}

extension Script {
    /// Never an answer.
    package static let silence: Script = []

    /// A proper gRPC answer of one message.
    package static func answer(
        _ message: [UInt8],
        headers: HeaderList = [:],
        trailers: HeaderList = [:]
    ) -> Script {
        [.grpcHeaders(headers), .message(message), .grpcTrailers(0, nil, trailers)]
    }

    /// A gRPC failure in one HEADERS frame ("Trailers-Only"); `message` as it would go on the wire.
    package static func status(
        _ code: Int,
        _ message: String? = nil,
        details: [UInt8]? = nil,
        headers: HeaderList = [:]
    ) -> Script {
        var fields: HeaderList = [":status": "200", "content-type": "application/grpc"]
        fields = fields + statusFields(code, message)
        if let details { fields.append("grpc-status-details-bin", Base64.encode(details)) }
        return [.trailers(fields + headers)]
    }

    /// An answer that is not gRPC, as a proxy in between would give it.
    package static func http(_ status: Int, contentType: String = "text/html", body: String = "") -> Script {
        [
            .headers([":status": "\(status)", "content-type": contentType], endStream: false),
            .data(Array(body.utf8), endStream: true),
        ]
    }

    fileprivate static func statusFields(_ code: Int, _ message: String?) -> HeaderList {
        var fields: HeaderList = ["grpc-status": "\(code)"]
        if let message { fields.append("grpc-message", message) }
        return fields
    }
}
