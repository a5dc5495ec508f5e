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
    /// spreads connections over them (`SO_REUSEPORT`).
    package init(_ address: SocketAddress, sharesPort: Bool = false, backlog: Int32 = 1024) throws(UVError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let opened = socket(address.family, type, 0)
        guard opened >= 0 else { throw UVError("socket", -errno) }
        do throws(UVError) {
            try ListeningSocket.listen(opened, on: address, sharesPort: sharesPort, backlog: backlog)
        } catch {
            Glibc.close(opened)
            throw error
        }
        descriptor = opened
        self.address = SocketAddress(boundTo: opened) ?? address
        isInherited = false
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
        // F_DUPFD_CLOEXEC is variadic in C; dup and the flag in two steps will do before there are threads.
        let copy = dup(descriptor)
        guard copy >= 0 else { throw UVError("dup", -errno) }
        _ = fcntl(copy, F_SETFD, FD_CLOEXEC)
        return ListeningSocket(descriptor: copy, address: address, isInherited: isInherited)
    }

    /// Gives the file descriptor away.
    package consuming func takeDescriptor() -> Int32 {
        let taken = descriptor
        descriptor = -1
        return taken
    }

    private static func listen(
        _ descriptor: Int32,
        on address: SocketAddress,
        sharesPort: Bool,
        backlog: Int32
    ) throws(UVError) {
        if address.family != AF_UNIX {
            try enable(SO_REUSEADDR, on: descriptor)
            if sharesPort { try enable(SO_REUSEPORT, on: descriptor) }
        }
        let bound = address.withSockAddr { raw, length in bind(descriptor, raw, length) }
        guard bound == 0 else { throw UVError("bind \(address)", -errno) }
        guard Glibc.listen(descriptor, backlog) == 0 else { throw UVError("listen", -errno) }
    }

    private static func enable(_ option: Int32, on descriptor: Int32) throws(UVError) {
        var on: Int32 = 1
        guard setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw UVError("setsockopt", -errno)
        }
    }
}

extension SocketAddress {
    /// The local internet address of `descriptor`.
    fileprivate init?(boundTo descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                getsockname(descriptor, raw, &length) == 0 ? SocketAddress(UnsafePointer(raw)) : nil
            }
        }
        guard let address else { return nil }
        self = address
    }
}
