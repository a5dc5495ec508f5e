package import EventLoop

/// Where a request comes from, and what its client has asked for: by the gateway's own eyes, or by the word of proxies that
/// it trusts.
package struct ClientOrigin: Hashable, Sendable {
    /// The client; nil where nothing but a unix-domain socket is known of it.
    package var address: IPAddress?
    /// The trusted proxies between the client and the gateway, the one that the gateway sees last.
    package var proxies: [IPAddress] = []
    /// Whether the client uses `https`.
    package var isSecure: Bool
    /// The client's `Host`, where a trusted proxy says that it is another than the one it has sent itself.
    package var host: String?
    /// What a trusted proxy has taken off the path.
    package var prefix = BasePath()

    /// What the gateway sees itself.
    init(peer: IPAddress?, isSecure: Bool) {
        address = peer
        self.isSecure = isSecure
    }

    /// The client and the proxies, as `X-Forwarded-For` lists them.
    var way: String {
        guard let address else { return "unknown" }
        return proxies.reduce(into: address.description) { $0 += ", \($1)" }
    }

    /// The client's address as text; `unknown` is what RFC 7239, section 6.2, says where there is none.
    package var addressText: String { address?.description ?? "unknown" }
}
