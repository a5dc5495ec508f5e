internal import CLibUV
internal import Glibc

/// An address to connect to or listen on.
package struct SocketAddress: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// The bytes of a `sockaddr_in` or `sockaddr_in6`.
        case internet([UInt8])
        case unix(path: String)
    }

    let kind: Kind

    /// The address of a unix-domain socket, nil if the path does not fit a `sockaddr_un`.
    package init?(unixPath path: String) {
        guard !path.isEmpty, path.utf8.count < MemoryLayout<sockaddr_un>.size - 2, !path.utf8.contains(0) else {
            return nil
        }
        kind = .unix(path: path)
    }

    /// The address `host:port`, where `host` is an IPv4 or IPv6 literal; nil if it is neither.
    package init?(literal host: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if uv_ip4_addr(host, Int32(port), &v4) == 0 {
            kind = .internet(withUnsafeBytes(of: &v4) { Array($0) })
        } else if uv_ip6_addr(host, Int32(port), &v6) == 0 {
            kind = .internet(withUnsafeBytes(of: &v6) { Array($0) })
        } else {
            return nil
        }
    }

    init?(_ address: UnsafePointer<sockaddr>) {
        let size: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        kind = .internet(Array(UnsafeRawBufferPointer(start: address, count: size)))
    }

    /// Calls `body` with the address as the socket calls want it.
    func withSockAddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch kind {
        case .internet(let bytes):
            return bytes.withUnsafeBytes { raw in
                // Alignment: arrays are allocated to 16 bytes, more than any sockaddr wants.
                body(raw.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, socklen_t(raw.count))
            }
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    package var isIPv6: Bool { family == AF_INET6 }

    var family: Int32 { withSockAddr { address, _ in Int32(address.pointee.sa_family) } }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:8080`, `[::1]:8080` or `unix:/run/gateway.sock`.
    package var description: String {
        if case .unix(let path) = kind { return "unix:\(path)" }
        return withSockAddr { address, _ in
            var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            uv_ip_name(address, &name, name.count)
            let end = name.firstIndex(of: 0) ?? name.endIndex
            let host = String(decoding: name[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
            let isV4 = Int32(address.pointee.sa_family) == AF_INET
            return isV4 ? "\(host):\(port ?? 0)" : "[\(host)]:\(port ?? 0)"
        }
    }
}

extension SocketAddress {
    /// The TCP port, nil for a unix-domain socket.
    package var port: UInt16? {
        guard case .internet = kind else { return nil }
        return withSockAddr { address, _ in
            // sockaddr_in and sockaddr_in6 keep the port at the same place (RFC 3493, section 3.3).
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
        }
    }

    /// The 4 or 16 bytes of the IP address in network order, nil for a unix-domain socket.
    package var hostBytes: [UInt8]? {
        guard case .internet(let bytes) = kind else { return nil }
        // Behind family and port, and in IPv6 the flow label (RFC 3493, section 3.3; Linux has no length byte).
        return family == AF_INET ? Array(bytes[4..<8]) : Array(bytes[8..<24])
    }
}
