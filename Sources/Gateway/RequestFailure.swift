internal import HTTPServer
internal import RPCCore
internal import Transcoding

/// A request that ends in an error, before it is put into JSON.
struct RequestFailure: Error {
    /// What goes into `error.details`.
    enum Details {
        case none
        case errorInfo(ErrorInfo)
        /// That, and a `google.rpc.RetryInfo` with a delay in nanoseconds, which `Retry-After` tells too.
        case retry(ErrorInfo, after: UInt64)
        /// A `google.rpc.BadRequest`.
        case violations([TranscodingError.FieldViolation])
        /// The serialized `google.rpc.Status` that upstream sent.
        case upstream([UInt8])

        static func reason(_ reason: StaticString) -> Details { .errorInfo(ErrorInfo(reason)) }
    }

    var status: HTTPStatus
    var code: StatusCode
    var message: String
    var details = Details.none
    /// Value of `Allow`; with 405 only, where RFC 9110 section 15.5.6 demands it.
    var allow: String?
    /// Value of `WWW-Authenticate` of a 401, where it is not that of ``ViamAuth/challenge``.
    var challenge: StaticString?
    /// What to send instead of what was sent; with 415.
    var wanted: Wanted?
    /// Seconds after which trying again makes sense, as far as the gateway knows.
    var retryAfter: UInt64?
    /// Whose fault it is; nil where the status tells: 4xx the client's, 5xx the gateway's.
    var culprit: RequestRecord.Culprit?
}

extension RequestFailure {
    /// What a 415 asks for.
    enum Wanted {
        /// JSON: `Accept`, and `Accept-Post` or `Accept-Patch` where the method has one.
        case json
        /// Another content coding, or none: `Accept-Encoding` (RFC 9110, section 15.5.16).
        case coding
    }

    static func routeNotFound(method: String, path: String) -> RequestFailure {
        RequestFailure(
            status: .notFound,
            code: .notFound,
            message: "no route for \(method) \(path)",
            details: .reason("ROUTE_NOT_FOUND")
        )
    }

    static func outside(_ base: BasePath, method: String, path: String) -> RequestFailure {
        RequestFailure(
            status: .notFound,
            code: .notFound,
            message: "no route for \(method) \(path): all routes are below \(base.text)",
            details: .reason("ROUTE_NOT_FOUND")
        )
    }

    static func methodNotAllowed(method: String, path: String, allow: String) -> RequestFailure {
        RequestFailure(
            status: .methodNotAllowed,
            code: .unimplemented,
            message: "\(path) does not take \(method), but \(allow)",
            details: .reason("METHOD_NOT_ALLOWED"),
            allow: allow
        )
    }

    static func contentTooLarge(limit: Int) -> RequestFailure {
        RequestFailure(
            status: .contentTooLarge,
            code: .resourceExhausted,
            message: "the request body is larger than \(limit) bytes",
            details: .reason("BODY_TOO_LARGE")
        )
    }

    static func headerTooLarge(limit: Int) -> RequestFailure {
        RequestFailure(
            status: .requestHeaderFieldsTooLarge,
            code: .invalidArgument,
            message: "the request's header takes more than \(limit) bytes",
            details: .reason("HEADER_TOO_LARGE")
        )
    }

    static func metadataTooLarge(count: Int, size: Int) -> RequestFailure {
        RequestFailure(
            status: .requestHeaderFieldsTooLarge,
            code: .invalidArgument,
            message: "the header fields that go along with the call are more than \(count), or than \(size) bytes",
            details: .reason("METADATA_TOO_LARGE")
        )
    }

    static func uriTooLong(limit: Int) -> RequestFailure {
        RequestFailure(
            status: .uriTooLong,
            code: .invalidArgument,
            message: "the request target is longer than \(limit) bytes",
            details: .reason("URI_TOO_LONG")
        )
    }

    static func unsupportedMediaType(_ contentType: String) -> RequestFailure {
        RequestFailure(
            status: .unsupportedMediaType,
            code: .invalidArgument,
            message: "the request body is \(contentType); send application/json",
            details: .reason("UNSUPPORTED_MEDIA_TYPE"),
            wanted: .json
        )
    }

    static func unsupportedCoding(_ coding: String) -> RequestFailure {
        RequestFailure(
            status: .unsupportedMediaType,
            code: .invalidArgument,
            message: "the request body is in the coding \(coding); send gzip, or none",
            details: .reason("UNSUPPORTED_CONTENT_CODING"),
            wanted: .coding
        )
    }

    static let outOfMemory = RequestFailure(
        status: .serviceUnavailable,
        code: .resourceExhausted,
        message: "the gateway is out of memory",
        details: .reason("OUT_OF_MEMORY")
    )

    static func notAcceptable(_ accept: String, offered: String) -> RequestFailure {
        RequestFailure(
            status: .notAcceptable,
            code: .invalidArgument,
            message: "the answer is \(offered), which \"Accept: \(accept)\" does not let it be",
            details: .reason("NOT_ACCEPTABLE")
        )
    }

    /// A path, query, header or body that cannot be understood.
    static func invalidRequest(_ message: String, _ violations: [TranscodingError.FieldViolation]) -> RequestFailure {
        RequestFailure(
            status: .badRequest,
            code: .invalidArgument,
            message: message,
            details: violations.isEmpty ? .reason("MALFORMED_REQUEST") : .violations(violations)
        )
    }

    /// An answer from upstream of which too much JSON would be made.
    static func answerTooLarge(_ message: String) -> RequestFailure {
        RequestFailure(
            status: .badGateway,
            code: .resourceExhausted,
            message: message,
            details: .reason("ANSWER_TOO_LARGE"),
            culprit: .upstream
        )
    }

    /// An answer from upstream that JSON cannot be made of.
    static func unreadableAnswer(_ message: String) -> RequestFailure {
        RequestFailure(
            status: .internalServerError,
            code: .internalError,
            message: message,
            details: .reason("MALFORMED_UPSTREAM_ANSWER"),
            culprit: .upstream
        )
    }
}
