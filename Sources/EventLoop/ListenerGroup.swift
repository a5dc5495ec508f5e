internal import Glibc

/// The listening sockets of several workers on one address.
///
/// On an internet address each worker gets a socket of its own (`SO_REUSEPORT`), so that the kernel spreads
/// connections over them; on a unix-domain socket, which knows no such thing, they share one.
package final class ListenerGroup {
    /// The address in effect: with port 0 asked for, the one the kernel chose.
    package let address: SocketAddress
    private let isShared: Bool
    /// The first socket, until it is given out; for unix-domain sockets the one to duplicate.
    private var first: ListeningSocket?

    /// Listens on `address` for `count` workers.
    package init(_ address: SocketAddress, count: Int) throws(UVError) {
        isShared = count > 1
        if case .unix(let path) = address.kind {
            ListenerGroup.removeStaleSocket(path, address)
        } else if isShared {
            // With SO_REUSEPORT alone, a second gateway on the same address would go unnoticed and take half of the
            // connections. A socket without it meets the conflict.
            _ = try ListeningSocket(address)
        }
        let socket = try ListeningSocket(address, sharesPort: isShared)
        self.address = socket.address
        first = .some(socket)
    }

    /// The socket of the next worker.
    package func makeSocket() throws(UVError) -> ListeningSocket {
        if case .unix = address.kind {
            guard let socket = try first?.duplicate() else { throw UVError("dup", -EBADF) }
            return socket
        }
        if let socket = first.take() { return socket }
        return try ListeningSocket(address, sharesPort: true)
    }

    /// Ends listening for whoever has not been given a socket, and removes a unix-domain socket's file.
    package func close() {
        first = nil
        if case .unix(let path) = address.kind { unlink(path) }
    }

    /// Removes the file of a server that ended without doing so, which is one that refuses connections.
    private static func removeStaleSocket(_ path: String, _ address: SocketAddress) {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard probe >= 0 else { return }
        defer { Glibc.close(probe) }
        let result = address.withSockAddr { raw, length in connect(probe, raw, length) }
        if result != 0, errno == ECONNREFUSED { unlink(path) }
    }
}
