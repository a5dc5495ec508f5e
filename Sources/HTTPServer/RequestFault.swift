/// A rule of HTTP/1.1 that a request breaks, for which it is refused before any of it is used.
///
/// Whoever stands in front may have read the same bytes differently, as a request of another length or for another host.
/// So the connection ends with the refusal, and nothing behind it is taken for a request.
package enum RequestFault: Hashable, CaseIterable, Sendable {
    case method
    case connect
    case target
    case targetForm
    case targetAuthority
    case version
    case requestLine
    case lines
    case fieldName
    case fieldValue
    case missingHost
    case repeatedHost
    case invalidHost
    case invalidLength
    case hugeLength
    case repeatedLength
    case lengthAndCoding
    case unknownCoding
    case repeatedCoding
    case codingInOldVersion
    case chunkLine
    case lateHeader
    case lateBody

    /// What the answer says.
    package var status: UInt16 {
        switch self {
        case .version: 505
        case .hugeLength: 413
        case .lateHeader, .lateBody: 408
        default: 400
        }
    }

    /// The rule and where it was broken; never a byte of the request.
    package var message: StaticString {
        switch self {
        case .method: "the method is not a token (RFC 9110, section 9.1)"
        case .connect: "CONNECT is for proxies, and this is none (RFC 9110, section 9.3.6)"
        case .target: "the request target holds a byte that must be percent-encoded (RFC 9112, section 3.2)"
        case .targetForm:
            "the request target is neither a path, nor an http or https URI, nor OPTIONS' * (RFC 9112, section 3.2)"
        case .targetAuthority: "the request target's authority is not host or host:port (RFC 9110, section 4.2)"
        case .version: "the protocol version is neither HTTP/1.1 nor HTTP/1.0 (RFC 9110, section 15.6.6)"
        case .requestLine:
            "the request line has more than one space between its parts, or holds a NUL (RFC 9112, section 3)"
        case .lines:
            "a header line does not end in CR LF, is folded, or holds a NUL (RFC 9112, sections 2.2 and 5.2)"
        case .fieldName: "a header field's name is not a token directly before its colon (RFC 9112, section 5.1)"
        case .fieldValue: "a header field's value holds a control character (RFC 9110, section 5.5)"
        case .missingHost: "Host is missing (RFC 9112, section 3.2)"
        case .repeatedHost: "Host is there more than once (RFC 9112, section 3.2)"
        case .invalidHost: "Host is not host or host:port (RFC 9110, section 7.2)"
        case .invalidLength:
            "Content-Length is not a decimal number, without white space behind it (RFC 9110, section 8.6)"
        case .hugeLength: "Content-Length is larger than any body"
        case .repeatedLength: "Content-Length is there more than once (RFC 9112, section 6.3)"
        case .lengthAndCoding: "Content-Length and Transfer-Encoding are both there (RFC 9112, section 6.1)"
        case .unknownCoding:
            "Transfer-Encoding is not chunked, without white space behind it (RFC 9112, section 6.1)"
        case .repeatedCoding: "Transfer-Encoding is there more than once (RFC 9112, section 6.1)"
        case .codingInOldVersion: "Transfer-Encoding does not belong into HTTP/1.0 (RFC 9112, section 6.1)"
        case .chunkLine: "the line before a chunk of the body is too long (RFC 9112, section 7.1.1)"
        case .lateHeader: "the header did not arrive in time (RFC 9110, section 15.5.9)"
        case .lateBody: "the body did not arrive in time (RFC 9110, section 15.5.9)"
        }
    }
}
