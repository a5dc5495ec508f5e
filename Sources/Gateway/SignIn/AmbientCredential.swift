internal import HTTPServer
internal import RPCCore

/// What a browser lets any web page make use of, without its knowing anything: an authority that nobody has to show.
///
/// A page of another site may send requests here, though it cannot read the answers; and by pointing a name of its own to
/// this address (DNS rebinding) it may read them too. Browsers tell where a request comes from by `Sec-Fetch-Site`
/// (W3C Fetch Metadata) or `Origin` (WHATWG Fetch); other clients send neither.
package enum AmbientCredential: Sendable {
    /// Each request shows a credential that only its sender can have put there.
    case none
    /// `Authorization: Basic`, which browsers repeat by themselves once it was given to them.
    case basic
    /// Reaching the gateway on a loopback address is all that it takes.
    case loopback

    /// Refuses a request that a page of another site may have made.
    ///
    /// Those of `friends`, the origins that are allowed by name, may. `host` is what a trusted proxy says that the client
    /// has called the gateway, nil where there is no such word.
    func check(
        _ exchange: Exchange,
        _ credentials: CredentialFields,
        host forwardedHost: String?,
        friends: CORSPolicy
    ) throws(RequestFailure) {
        switch self {
        case .none: return
        case .basic: guard credentials.authorization(of: "basic") != nil else { return }
        case .loopback:
            let isForeign = forwardedHost.map { !AmbientCredential.isLoopback($0) } ?? false
            if isForeign || exchange.header("host").map({ !AmbientCredential.isLoopback($0) }) ?? false {
                throw .foreignPage("Host must be localhost or a loopback address")
            }
        }
        if let origin = exchange.header("origin"), friends.isNamed(origin) { return }
        if let site = exchange.header("sec-fetch-site") {
            if MediaType.equals(site[...], "same-origin") || MediaType.equals(site[...], "none") { return }
            throw .foreignPage("the request was made by a page of another site")
        }
        if let origin = exchange.header("origin"),
            !AmbientCredential.isOwn(origin, host: forwardedHost ?? exchange.header("host").map(text))
        {
            throw .foreignPage("the request was made by a page of another origin")
        }
    }

    /// Whether `origin`, a scheme and an authority, names the gateway as the request itself does.
    private static func isOwn(_ origin: UnsafeRawBufferPointer, host: String?) -> Bool {
        guard let host, !host.isEmpty else { return false }
        let own = host.lowercased()
        let origin = String(decoding: origin, as: UTF8.self).lowercased()
        return origin == "http://\(own)" || origin == "https://\(own)"
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Whether `host`, with or without a port, is a name of this machine that nobody else can give away.
    static func isLoopback(_ host: UnsafeRawBufferPointer) -> Bool {
        isLoopback(String(decoding: host, as: UTF8.self))
    }

    private static func isLoopback(_ host: String) -> Bool {
        let text = host.lowercased()
        let bracket = text.hasPrefix("[") ? text.firstIndex(of: "]").map { text.index(after: $0) } : nil
        let end = bracket ?? text.firstIndex(of: ":") ?? text.endIndex
        let name = text[..<end]
        let port = text[end...]
        guard port.isEmpty || port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return false }
        if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension RequestFailure {
    fileprivate static func foreignPage(_ message: String) -> RequestFailure {
        RequestFailure(
            status: .forbidden,
            code: .permissionDenied,
            message: message,
            details: .reason("CROSS_SITE_REQUEST")
        )
    }
}
