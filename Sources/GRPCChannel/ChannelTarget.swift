package import EventLoop

/// Where the server is: what `--upstream` takes.
///
/// Grammar: `http://HOST[:PORT]` with an optional final `/`, where HOST is a name, an IPv4 address or an IPv6 address
/// in brackets and PORT defaults to 80, or `unix:PATH`.
package struct ChannelTarget: Hashable, Sendable {
    package enum Endpoint: Hashable, Sendable {
        /// A name to resolve.
        case name(host: String, port: UInt16)
        /// Addresses to connect to as they are, in this order.
        case addresses([SocketAddress])
    }

    package let endpoint: Endpoint
    /// The `:authority` of calls unless the configuration says otherwise.
    package let authority: String
    /// The target as it was written.
    package let description: String

    package init(_ text: String) throws(ChannelTargetError) {
        description = text
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard let address = SocketAddress(unixPath: path) else {
                throw ChannelTargetError(text, "the path must be 1 to 107 bytes long")
            }
            endpoint = .addresses([address])
            // What other gRPC clients send for unix sockets; a path cannot stand in an authority.
            authority = "localhost"
            return
        }
        guard !text.hasPrefix("https://") else {
            throw ChannelTargetError(text, "TLS upstreams are not supported yet; use http://HOST:PORT or unix:PATH")
        }
        guard text.hasPrefix("http://") else {
            throw ChannelTargetError(text, "expected http://HOST:PORT or unix:PATH")
        }
        var rest = text.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard rest.utf8.allSatisfy(ChannelTarget.isAllowed) else {
            throw ChannelTargetError(text, "only a host and a port may follow http://")
        }
        let (host, port) = try ChannelTarget.split(rest, of: text)
        if let address = SocketAddress(literal: host, port: port) {
            endpoint = .addresses([address])
        } else {
            guard !host.contains(":") else { throw ChannelTargetError(text, "\(host) is not an IPv6 address") }
            endpoint = .name(host: host, port: port)
        }
        authority = String(rest)
    }

    /// A target that is known by its addresses.
    init(addresses: [SocketAddress], authority: String) {
        endpoint = .addresses(addresses)
        self.authority = authority
        description = authority
    }

    /// Cuts `HOST[:PORT]` in two.
    private static func split(_ rest: Substring, of text: String) throws(ChannelTargetError) -> (String, UInt16) {
        let host: Substring
        let tail: Substring
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw ChannelTargetError(text, "a ] is missing") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            tail = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<end]
            tail = rest[end...]
        }
        guard !host.isEmpty else { throw ChannelTargetError(text, "the host is missing") }
        if tail.isEmpty { return (String(host), 80) }
        let digits = tail.dropFirst()
        guard tail.hasPrefix(":"), digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let port = UInt16(digits), port > 0
        else { throw ChannelTargetError(text, "the port must be a number from 1 to 65535") }
        return (String(host), port)
    }

    /// Letters, digits and what host names, addresses and ports are written with.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["),
            UInt8(ascii: "]"):
            true
        default: false
        }
    }
}

/// A target that makes no sense, and why.
package struct ChannelTargetError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ target: String, _ reason: String) {
        description = "upstream \"\(target)\": \(reason)"
    }
}
