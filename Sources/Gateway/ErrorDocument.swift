internal import Bytes
internal import RPCCore
internal import Transcoding

/// The body of an error answer, in either of its two shapes.
struct ErrorDocument: ~Copyable {
    /// Seconds to wait, from a `google.rpc.RetryInfo` among the details.
    private(set) var retryAfter: UInt64?
    private let failure: RequestFailure
    /// The elements of the `details` array, commas between them.
    private var details = ByteBuffer()

    /// With upstream's details as `transcoder` prints them.
    init(_ failure: RequestFailure, _ transcoder: inout ResponseTranscoder) {
        self.init(failure)
        guard case .upstream(let status) = failure.details else { return }
        let details = StatusDetails(status)
        self.details.reserve(2 * status.count)
        transcoder.appendDetails(details, into: &self.details)
        retryAfter = RetryDelay.seconds(in: details)
    }

    /// For a failure that is not upstream's.
    init(_ failure: RequestFailure) {
        self.failure = failure
        switch failure.details {
        case .none, .upstream: break
        case .errorInfo(let info): ErrorDocument.append(info, to: &details)
        case .retry(let info, let delay):
            ErrorDocument.append(info, to: &details)
            ErrorDocument.appendRetryInfo(delay, to: &details)
            retryAfter = delay / 1_000_000_000 + (delay % 1_000_000_000 > 0 ? 1 : 0)
        case .violations(let violations): ErrorDocument.appendBadRequest(violations, to: &details)
        }
    }

    /// `{"error": {"code", "status", "message", "details"}}`, the shape of Google's APIs (AIP-193).
    func json() -> ByteBuffer {
        var body = ByteBuffer(capacity: 256 + details.count)
        body.append(#"{"error":{"code":"#)
        body.append(utf8: String(failure.status.rawValue))
        body.append(#","status":"#)
        body.appendJSONString(failure.code.description)
        body.append(#","message":"#)
        body.appendJSONString(failure.message)
        body.append(#","details":["#)
        body.append(contentsOf: details.bytes)
        body.append("]}}")
        return body
    }

    /// The same facts as a problem document (RFC 9457), gRPC's status and the details as extension members.
    func problem() -> ByteBuffer {
        var body = ByteBuffer(capacity: 256 + details.count)
        body.append(#"{"type":"about:blank","title":""#)
        body.append(failure.status.reason)
        body.append(#"","status":"#)
        body.append(utf8: String(failure.status.rawValue))
        body.append(#","detail":"#)
        body.appendJSONString(failure.message)
        body.append(#","grpcStatus":"#)
        body.appendJSONString(failure.code.description)
        body.append(#","details":["#)
        body.append(contentsOf: details.bytes)
        body.append("]}")
        return body
    }

    private static func append(_ info: ErrorInfo, to details: inout ByteBuffer) {
        details.append(#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":""#)
        details.append(info.reason)
        details.append(#"","domain":"mltraining-gateway""#)
        for (index, entry) in info.metadata.enumerated() {
            details.append(index == 0 ? #","metadata":{""# : #",""#)
            details.append(entry.key)
            details.append(#"":""#)
            details.append(entry.value)
            details.append(UInt8(ascii: "\""))
        }
        details.append(info.metadata.isEmpty ? "}" : "}}")
    }

    /// `delay` is in nanoseconds; a `Duration` has three, six or nine places, here three, rounded up.
    private static func appendRetryInfo(_ delay: UInt64, to details: inout ByteBuffer) {
        let milliseconds = delay / 1_000_000 + (delay % 1_000_000 > 0 ? 1 : 0)
        let places = String(milliseconds % 1000)
        details.append(#",{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":""#)
        details.append(utf8: String(milliseconds / 1000))
        details.append(".")
        details.append(utf8: String(repeating: "0", count: 3 - places.utf8.count))
        details.append(utf8: places)
        details.append(#"s"}"#)
    }

    private static func appendBadRequest(_ violations: [TranscodingError.FieldViolation], to details: inout ByteBuffer)
    {
        details.append(#"{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":["#)
        for (index, violation) in violations.enumerated() {
            if index > 0 { details.append(UInt8(ascii: ",")) }
            details.append(#"{"field":"#)
            details.appendJSONString(violation.field)
            details.append(#","description":"#)
            details.appendJSONString(violation.description)
            details.append(UInt8(ascii: "}"))
        }
        details.append("]}")
    }
}
