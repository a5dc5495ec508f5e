import GRPCNIOTransportHTTP2Posix
import Glibc

/// Where the server listens: `127.0.0.1:50051`, `localhost:50051` or `[::1]:50051`.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address, in text.
    package var host: String
    /// 0 lets the operating system choose.
    package var port: Int
    private var isIPv6: Bool

    /// Reads an address; nil if it is none.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else {
            return nil
        }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        self.port = Int(port)
        var name = text[..<colon]
        isIPv6 = name.hasPrefix("[")
        if isIPv6 {
            guard name.hasSuffix("]") else {
                return nil
            }
            name = name.dropFirst().dropLast()
        }
        host = name == "localhost" ? "127.0.0.1" : String(name)
        var address = in6_addr()
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &address) == 1 else {
            return nil
        }
    }

    /// An address that only this machine reaches.
    package init(loopbackPort: UInt16) {
        host = "127.0.0.1"
        port = Int(loopbackPort)
        isIPv6 = false
    }

    /// The address that a socket was bound to; nil if it is not one of the internet.
    init?(_ address: SocketAddress) {
        if let ipv4 = address.ipv4 {
            host = ipv4.host
            port = ipv4.port
            isIPv6 = false
        } else if let ipv6 = address.ipv6 {
            host = ipv6.host
            port = ipv6.port
            isIPv6 = true
        } else {
            return nil
        }
    }

    var socketAddress: SocketAddress {
        isIPv6 ? .ipv6(host: host, port: port) : .ipv4(host: host, port: port)
    }

    package var description: String {
        isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
