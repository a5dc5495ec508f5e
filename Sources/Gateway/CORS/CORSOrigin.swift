/// Origins that may use the gateway: one, or the sub-domains of one.
///
///     pattern = scheme "://" [ "*." ] host [ ":" port ]
///
/// Browsers send an origin in one form only (HTML, "serialization of an origin"): lower case, no default port, an
/// international name in its ASCII form. A pattern is brought into that form once, and compared byte by byte.
struct CORSOrigin: Hashable, Sendable {
    /// Longest origin that is looked at: a scheme, a name as long as DNS has them, and a port.
    static let maximumCount = 300

    /// Up to and with `://`, or all of it where there is no wildcard.
    private let prefix: [UInt8]
    /// From the dot behind the wildcard on; nil for an exact origin.
    private let suffix: [UInt8]?

    /// Reads a pattern, in any case.
    ///
    /// - Throws: ``GatewayError`` for what no browser would send.
    init(_ pattern: String) throws(GatewayError) {
        let text = pattern.lowercased()
        func refuse(_ reason: String) -> GatewayError { GatewayError("\"\(pattern)\" is not an origin: \(reason)") }
        guard text != "null" else { throw refuse("\"null\" is what any sandboxed page and local file says it is") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refuse("write an international name in its ASCII form (xn--…)")
        }
        guard let mark = text.firstRange(of: "://") else { throw refuse("it has no scheme, such as https://") }
        let scheme = text[..<mark.lowerBound]
        guard let first = scheme.utf8.first, first >= 0x61, first <= 0x7A,
            scheme.utf8.allSatisfy({ CORSOrigin.isLetterOrDigit($0) || "+-.".utf8.contains($0) })
        else { throw refuse("its scheme is malformed") }
        let authority = String(text[mark.upperBound...])
        guard !authority.contains(where: { "/?#@".contains($0) }) else {
            throw refuse("only scheme, host and port may be there, and no slash behind them")
        }
        var (host, port) = CORSOrigin.cut(authority)
        if let given = port {
            guard let number = UInt16(given), number > 0, String(number) == given else {
                throw refuse("its port is not a number from 1 to 65535")
            }
            if number == 443 && scheme == "https" || number == 80 && scheme == "http" { port = nil }
        }
        let isWildcard = host.hasPrefix("*.")
        if isWildcard { host.removeFirst(2) }
        guard !host.contains("*") else { throw refuse("* can only be its first label, as in https://*.example.com") }
        guard CORSOrigin.isHost(host) else { throw refuse("its host is malformed") }
        guard !isWildcard || CORSOrigin.hasSubdomains(host) else {
            throw refuse("sub-domains of \(host) are anybody's; name a domain of your own, as in https://*.example.com")
        }
        let end = host + (port.map { ":\($0)" } ?? "")
        guard scheme.utf8.count + 3 + end.utf8.count <= CORSOrigin.maximumCount else { throw refuse("it is too long") }
        prefix = Array("\(scheme)://\(isWildcard ? "" : end)".utf8)
        suffix = isWildcard ? Array(".\(end)".utf8) : nil
    }

    /// Whether the value of an `Origin` header is one of these.
    func matches(_ origin: UnsafeRawBufferPointer) -> Bool {
        guard let suffix else { return origin.elementsEqual(prefix) }
        guard origin.count > prefix.count + suffix.count, origin.count <= CORSOrigin.maximumCount,
            origin.prefix(prefix.count).elementsEqual(prefix), origin.suffix(suffix.count).elementsEqual(suffix)
        else { return false }
        return CORSOrigin.areLabels(origin[prefix.count..<(origin.count - suffix.count)])
    }

    /// Host and port of an authority, the host with its brackets where it is an IPv6 address.
    private static func cut(_ authority: String) -> (host: String, port: String?) {
        let end = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[end...].firstIndex(of: ":") else { return (authority, nil) }
        return (String(authority[..<colon]), String(authority[authority.index(after: colon)...]))
    }

    /// Whether all sub-domains of `host` may be one owner's: it has two labels, or is this machine (RFC 6761, section 6.3).
    ///
    /// Which domains of two labels, such as `co.uk`, are anybody's nevertheless is not known here.
    private static func hasSubdomains(_ host: String) -> Bool {
        if host == "localhost" { return true }
        let labels = host.split(separator: ".")
        guard labels.count > 1, let last = labels.last else { return false }
        // Addresses have none.
        return !last.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && !host.hasPrefix("[")
    }

    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            let address = host.dropFirst().dropLast()
            return host.hasSuffix("]") && address.utf8.count >= 2
                && address.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        }
        return areLabels(Array(host.utf8))
    }

    /// Whether `text` is nothing but labels with single dots between them, at least one.
    private static func areLabels(_ text: some Sequence<UInt8>) -> Bool {
        var previous = UInt8(ascii: ".")
        for byte in text {
            switch byte {
            case UInt8(ascii: "."): if previous == byte { return false }
            case UInt8(ascii: "-"), UInt8(ascii: "_"): break
            default: guard isLetterOrDigit(byte) else { return false }
            }
            previous = byte
        }
        return previous != UInt8(ascii: ".")
    }

    /// A lower-case letter or a digit.
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
    }
}
