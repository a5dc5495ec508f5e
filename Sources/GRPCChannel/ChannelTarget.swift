package import EventLoop

/// Where the server is: what `--upstream` takes.
///
/// Grammar: `http://HOST[:PORT]` or `https://HOST[:PORT]` with an optional final `/`, where HOST is a name, an IPv4
/// address or an IPv6 address in brackets and PORT defaults to 80 and 443, or `unix:PATH`.
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
    /// `https`: connections begin with TLS.
    package let usesTLS: Bool
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
            usesTLS = false
            return
        }
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else {
            throw ChannelTargetError(text, "expected http://HOST:PORT, https://HOST:PORT or unix:PATH")
        }
        usesTLS = scheme == "https://"
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard rest.utf8.allSatisfy(ChannelTarget.isAllowed) else {
            throw ChannelTargetError(text, "only a host and a port may follow \(scheme)")
        }
        let host: String
        let port: UInt16
        do throws(AuthorityError) {
            (host, port) = try ChannelTarget.split(rest, defaultPort: usesTLS ? 443 : 80)
        } catch {
            throw ChannelTargetError(text, error.reason)
        }
        if let address = SocketAddress(literal: host, port: port) {
            endpoint = .addresses([address])
        } else {
            guard !host.contains(":") else { throw ChannelTargetError(text, "\(host) is not an IPv6 address") }
            endpoint = .name(host: host, port: port)
        }
        authority = String(rest)
    }

    /// A target that is known by its addresses.
    init(addresses: [SocketAddress], authority: String, usesTLS: Bool = false) {
        endpoint = .addresses(addresses)
        self.authority = authority
        self.usesTLS = usesTLS
        description = authority
    }

    /// Throws where `authority` is not `HOST[:PORT]` as a target has it.
    package static func checkAuthority(_ authority: String) throws(ChannelTargetError) {
        do throws(AuthorityError) {
            guard authority.utf8.allSatisfy(isAllowed) else {
                throw AuthorityError(reason: "only letters, digits and . - _ : [ ] may stand in it")
            }
            let (host, _) = try split(authority[...], defaultPort: 1)
            if host.contains(":"), SocketAddress(literal: host, port: 1) == nil {
                throw AuthorityError(reason: "\(host) is not an IPv6 address")
            }
        } catch {
            throw ChannelTargetError(authority: authority, error.reason)
        }
    }

    /// The host of `authority`, an IPv6 address without its brackets; all of it where it is malformed.
    static func host(of authority: String) -> String {
        (try? split(authority[...], defaultPort: 1))?.host ?? authority
    }

    private struct AuthorityError: Error {
        let reason: String
    }

    /// Cuts `HOST[:PORT]` in two.
    private static func split(
        _ rest: Substring,
        defaultPort: UInt16
    ) throws(AuthorityError) -> (host: String, port: UInt16) {
        let host: Substring
        let tail: Substring
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw AuthorityError(reason: "a ] is missing") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            tail = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            host = rest[..<end]
            tail = rest[end...]
        }
        guard !host.isEmpty else { throw AuthorityError(reason: "the host is missing") }
        if tail.isEmpty { return (String(host), defaultPort) }
        let digits = tail.dropFirst()
        guard tail.hasPrefix(":"), digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let port = UInt16(digits), port > 0
        else { throw AuthorityError(reason: "the port must be a number from 1 to 65535") }
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

    init(authority: String, _ reason: String) {
        description = "authority \"\(authority)\": \(reason)"
    }
}
