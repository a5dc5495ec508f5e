internal import CLibUV
internal import Glibc

/// A bound, listening, non-blocking socket, to be given to a server.
///
/// Whoever takes ``takeDescriptor()`` closes it; otherwise `deinit` does.
package struct ListeningSocket: ~Copyable {
    /// -1 once it has been given away.
    private var descriptor: Int32
    /// The address in effect: with port 0 asked for, the one the kernel chose.
    package let address: SocketAddress
    /// Whether another process holds the same socket, and connections that wait in it are not lost when it is closed here.
    package let isInherited: Bool

    /// Binds `address` and listens.
    ///
    /// With `sharesPort`, several sockets of this process may listen on one internet address and the kernel
    /// spreads connections over them (`SO_REUSEPORT`). The file of a unix-domain socket gets `access` before anyone can
    /// connect.
    package init(
        _ address: SocketAddress,
        sharesPort: Bool = false,
        access: SocketFileAccess = SocketFileAccess(),
        backlog: Int32 = 1024
    ) throws(UVError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let opened = socket(address.family, type, 0)
        guard opened >= 0 else { throw UVError("socket", -errno) }
        do throws(UVError) {
            try ListeningSocket.bind(opened, to: address, sharesPort: sharesPort)
            if case .unix(let path) = address.kind {
                do throws(UVError) {
                    try access.apply(to: path)
                } catch {
                    unlink(path)
                    throw error
                }
            }
            guard Glibc.listen(opened, backlog) == 0 else { throw UVError("listen", -errno) }
        } catch {
            Glibc.close(opened)
            throw error
        }
        descriptor = opened
        self.address = SocketAddress(boundTo: opened) ?? address
        isInherited = false
    }

    /// Another descriptor of a socket that the process was started with.
    package init(_ socket: PassedSocket) throws(UVError) {
        descriptor = try ListeningSocket.duplicate(socket.descriptor)
        address = socket.address
        isInherited = true
    }

    private init(descriptor: Int32, address: SocketAddress, isInherited: Bool) {
        self.descriptor = descriptor
        self.address = address
        self.isInherited = isInherited
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Another descriptor of the same socket.
    borrowing func duplicate() throws(UVError) -> ListeningSocket {
        ListeningSocket(
            descriptor: try ListeningSocket.duplicate(descriptor),
            address: address,
            isInherited: isInherited
        )
    }

    private static func duplicate(_ descriptor: Int32) throws(UVError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw UVError("dup", -errno) }
        return copy
    }

    /// Gives the file descriptor away.
    package consuming func takeDescriptor() -> Int32 {
        let taken = descriptor
        descriptor = -1
        return taken
    }

    private static func bind(_ descriptor: Int32, to address: SocketAddress, sharesPort: Bool) throws(UVError) {
        if address.family != AF_UNIX {
            try enable(SO_REUSEADDR, on: descriptor)
            if sharesPort { try enable(SO_REUSEPORT, on: descriptor) }
        }
        let bound = address.withSockAddr { raw, length in Glibc.bind(descriptor, raw, length) }
        guard bound == 0 else { throw UVError("bind \(address)", -errno) }
    }

    private static func enable(_ option: Int32, on descriptor: Int32) throws(UVError) {
        var on: Int32 = 1
        guard setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw UVError("setsockopt", -errno)
        }
    }
}
