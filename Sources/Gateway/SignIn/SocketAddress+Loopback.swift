package import EventLoop
package import GRPCChannel

extension SocketAddress {
    /// Whether only this machine reaches it: 127.0.0.0/8, ::1, either in IPv6's form of IPv4, or a unix socket.
    package var isLoopback: Bool {
        guard let bytes = hostBytes else { return true }
        if bytes.count == 4 { return bytes[0] == 127 }
        let isV4 = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isV4 ? bytes[12] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
    }
}

extension ChannelTarget {
    /// Whether what is sent there can be read on its way: it leaves this machine, and without TLS.
    package var isExposed: Bool {
        guard !usesTLS else { return false }
        switch endpoint {
        case .name(let host, _): return host != "localhost"
        case .addresses(let addresses): return !addresses.allSatisfy(\.isLoopback)
        }
    }
}
