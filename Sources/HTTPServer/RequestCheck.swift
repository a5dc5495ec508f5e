internal import Bytes

/// Looks through a request line and its header fields for what RFC 9110 and RFC 9112 forbid.
///
/// Pure and without memory of its own; libmicrohttpd 0.9.75 lets all of it pass.
///
/// - Two `Content-Length`s are refused even where they are equal, as RFC 9112, section 6.3, allows: no client needs them.
/// - An empty `Host` is taken, since RFC 9112, section 3.2, has clients without an authority send one.
/// - Of a target in absolute form the authority must be valid, and so must `Host`, but they need not be the same: no
///   answer of this gateway depends on either.
struct RequestCheck {
    private let isHTTP10: Bool
    private var hosts = 0
    private var lengths = 0
    private var codings = 0
    /// Of the fields that were looked at.
    private(set) var nameLengths = NameLengths()
    /// The first rule that was found broken.
    private(set) var fault: RequestFault?

    init(method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer, version: UnsafeRawBufferPointer) {
        isHTTP10 = version.equals("HTTP/1.0")
        fault = RequestCheck.fault(method: method, target: target)
        if fault == nil, !isHTTP10, !version.equals("HTTP/1.1") { fault = .version }
    }

    /// Whether the body comes in chunks.
    var isChunked: Bool { codings > 0 }

    /// Notes a fault unless there was one before.
    mutating func note(_ fault: RequestFault) {
        if self.fault == nil { self.fault = fault }
    }

    /// Looks at the next header field; `value` with the white space behind it that libmicrohttpd leaves there.
    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard FieldSyntax.isToken(name) else { return note(.fieldName) }
        guard RequestSyntax.isFieldValue(value) else { return note(.fieldValue) }
        nameLengths.add(name.count)
        switch name.count {
        case 4 where RequestSyntax.equals(name, "host"): addHost(value)
        case 14 where RequestSyntax.equals(name, "content-length"): addLength(value)
        case 17 where RequestSyntax.equals(name, "transfer-encoding"): addCoding(value)
        default: break
        }
    }

    /// All fields were looked at.
    ///
    /// - Returns: the rule that is broken, if any.
    mutating func finish() -> RequestFault? {
        if hosts == 0, !isHTTP10 { note(.missingHost) }
        if lengths > 0, codings > 0 { note(.lengthAndCoding) }
        return fault
    }

    private mutating func addHost(_ field: UnsafeRawBufferPointer) {
        let value = RequestSyntax.trimmed(field)
        hosts += 1
        if hosts > 1 { note(.repeatedHost) }
        if !value.isEmpty, !RequestSyntax.isHost(value) { note(.invalidHost) }
    }

    // White space behind a length or a coding is allowed, but libmicrohttpd does not see through it: it takes such a length
    // for malformed, and of such a coding waits for the end of the connection.

    private mutating func addLength(_ value: UnsafeRawBufferPointer) {
        lengths += 1
        if lengths > 1 { note(.repeatedLength) }
        if !RequestSyntax.isNumber(value) { note(.invalidLength) }
    }

    private mutating func addCoding(_ value: UnsafeRawBufferPointer) {
        codings += 1
        if isHTTP10 { note(.codingInOldVersion) }
        if codings > 1 { note(.repeatedCoding) }
        if !RequestSyntax.equals(value, "chunked") { note(.unknownCoding) }
    }

    private static func fault(method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer) -> RequestFault? {
        guard FieldSyntax.isToken(method) else { return .method }
        guard !method.equals("CONNECT") else { return .connect }
        guard RequestSyntax.isTarget(target) else { return .target }
        // The four forms of RFC 9112, section 3.2; the authority form is CONNECT's.
        if target[0] == UInt8(ascii: "/") { return nil }
        if target.count == 1, target[0] == UInt8(ascii: "*"), method.equals("OPTIONS") { return nil }
        let length = target.count >= 8 && target[4] != UInt8(ascii: ":") ? 8 : 7
        guard target.count >= length else { return .targetForm }
        let scheme = UnsafeRawBufferPointer(rebasing: target[..<length])
        guard RequestSyntax.equals(scheme, length == 8 ? "https://" : "http://") else { return .targetForm }
        let rest = target[length...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        // "@" is in none of the sets: user information is refused (RFC 9110, section 4.2.4).
        return RequestSyntax.isHost(UnsafeRawBufferPointer(rebasing: rest[..<end])) ? nil : .targetAuthority
    }
}
