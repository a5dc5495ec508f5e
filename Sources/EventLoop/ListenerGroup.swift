internal import Glibc

/// The listening sockets of several workers on one address.
///
/// On an internet address each worker gets a socket of its own (`SO_REUSEPORT`), so that the kernel spreads
/// connections over them; a unix-domain socket, which knows no such thing, and one that the process was started with are
/// shared.
package final class ListenerGroup {
    /// The address in effect: with port 0 asked for, the one the kernel chose.
    package let address: SocketAddress
    /// The first socket, until it is given out; where one is shared, the one to duplicate.
    private var first: ListeningSocket?
    private let sharesSocket: Bool
    /// The file that a unix-domain socket made, by which it is known again.
    private var socketFile: SocketFile?

    /// Listens on `address` for `count` workers; `access` is for the file of a unix-domain socket.
    package init(
        _ address: SocketAddress,
        count: Int,
        access: SocketFileAccess = SocketFileAccess()
    ) throws(UVError) {
        let isShared = count > 1
        sharesSocket = address.family == AF_UNIX
        if case .unix(let path) = address.kind {
            SocketFile.removeStale(path, address)
        } else if isShared {
            // With SO_REUSEPORT alone, a second gateway on the same address would go unnoticed and take half of the
            // connections. A socket without it meets the conflict.
            _ = try ListeningSocket(address)
        }
        let socket = try ListeningSocket(address, sharesPort: isShared, access: access)
        self.address = socket.address
        first = .some(socket)
        if case .unix(let path) = address.kind { socketFile = SocketFile(path) }
    }

    /// Listens by a socket that the process was started with, whose file, if it has one, belongs to another.
    package init(_ socket: PassedSocket) throws(UVError) {
        first = .some(try ListeningSocket(socket))
        address = socket.address
        sharesSocket = true
    }

    /// The socket of the next worker.
    package func makeSocket() throws(UVError) -> ListeningSocket {
        if sharesSocket {
            guard let socket = try first?.duplicate() else { throw UVError("dup", -EBADF) }
            return socket
        }
        if let socket = first.take() { return socket }
        return try ListeningSocket(address, sharesPort: true)
    }

    /// Gives up what no worker was given; to be called once all have their sockets.
    ///
    /// Otherwise a unix-domain socket would go on listening after its workers have stopped.
    package func closeUnused() {
        first = nil
    }

    /// Removes the file of a unix-domain socket, unless another server has put its own there since.
    package func removeSocketFile() {
        socketFile?.remove()
        socketFile = nil
    }
}
