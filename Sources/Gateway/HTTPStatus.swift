package import RPCCore

/// HTTP status codes of this gateway's answers.
package struct HTTPStatus: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let ok = HTTPStatus(rawValue: 200)
    package static let created = HTTPStatus(rawValue: 201)
    package static let noContent = HTTPStatus(rawValue: 204)
    package static let notModified = HTTPStatus(rawValue: 304)
    package static let badRequest = HTTPStatus(rawValue: 400)
    package static let unauthorized = HTTPStatus(rawValue: 401)
    package static let forbidden = HTTPStatus(rawValue: 403)
    package static let notFound = HTTPStatus(rawValue: 404)
    package static let methodNotAllowed = HTTPStatus(rawValue: 405)
    package static let notAcceptable = HTTPStatus(rawValue: 406)
    package static let requestTimeout = HTTPStatus(rawValue: 408)
    package static let conflict = HTTPStatus(rawValue: 409)
    package static let preconditionFailed = HTTPStatus(rawValue: 412)
    package static let contentTooLarge = HTTPStatus(rawValue: 413)
    package static let uriTooLong = HTTPStatus(rawValue: 414)
    package static let unsupportedMediaType = HTTPStatus(rawValue: 415)
    package static let tooManyRequests = HTTPStatus(rawValue: 429)
    package static let requestHeaderFieldsTooLarge = HTTPStatus(rawValue: 431)
    /// Not registered with IANA; what nginx and google.rpc.Code use for a cancelled call.
    package static let clientClosedRequest = HTTPStatus(rawValue: 499)
    package static let internalServerError = HTTPStatus(rawValue: 500)
    package static let notImplemented = HTTPStatus(rawValue: 501)
    package static let badGateway = HTTPStatus(rawValue: 502)
    package static let serviceUnavailable = HTTPStatus(rawValue: 503)
    package static let gatewayTimeout = HTTPStatus(rawValue: 504)
    package static let httpVersionNotSupported = HTTPStatus(rawValue: 505)
}

extension HTTPStatus {
    /// The status of an answer to a call that ended with `code` (google/rpc/code.proto, "HTTP Mapping").
    package init(_ code: StatusCode) {
        switch code {
        case .ok: self = .ok
        case .cancelled: self = .clientClosedRequest
        case .invalidArgument, .failedPrecondition, .outOfRange: self = .badRequest
        case .deadlineExceeded: self = .gatewayTimeout
        case .notFound: self = .notFound
        case .alreadyExists, .aborted: self = .conflict
        case .permissionDenied: self = .forbidden
        case .unauthenticated: self = .unauthorized
        case .resourceExhausted: self = .tooManyRequests
        case .unimplemented: self = .notImplemented
        case .unavailable: self = .serviceUnavailable
        default: self = .internalServerError
        }
    }

    /// The reason phrase, `title` of a problem document (RFC 9457, section 4.2.1).
    package var reason: StaticString {
        switch rawValue {
        case 200: "OK"
        case 201: "Created"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 499: "Client Closed Request"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Internal Server Error"
        }
    }
}
