package import EventLoop

/// The peers whose word about their own clients counts.
package struct TrustedProxies: Hashable, Sendable {
    /// Those of internet sockets.
    package let networks: [IPNetwork]
    /// Whether all peers of unix-domain sockets are.
    let includesUnix: Bool

    /// None.
    package init() { (networks, includesUnix) = ([], false) }

    /// Reads addresses, networks (`10.0.0.0/8`) and `unix`, several of them between commas.
    package init(parsing texts: [String]) throws(GatewayError) {
        var networks: [IPNetwork] = []
        var includesUnix = false
        for text in texts.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            let name = String(text.drop { $0 == " " })
            if name == "unix" {
                includesUnix = true
            } else if let network = IPNetwork(parsing: name) {
                networks.append(network)
            } else {
                throw GatewayError(
                    "\"\(name)\" is not an IP address, a network such as 10.0.0.0/8 or fd00::/8, nor unix"
                )
            }
        }
        (self.networks, self.includesUnix) = (networks, includesUnix)
    }

    var isEmpty: Bool { networks.isEmpty && !includesUnix }

    /// Whether `peer` is one of them, nil for the peer of a unix-domain socket.
    func contains(_ peer: IPAddress?) -> Bool {
        guard let peer else { return includesUnix }
        return networks.contains { $0.contains(peer) }
    }
}
