internal import EventLoop
internal import Glibc

/// A socket whose other end is closed: there is nothing to be read from it but its end, and nothing to be written.
///
/// It takes the place of a connection's socket that libmicrohttpd must not touch any more.
struct DeadEnd: ~Copyable {
    private let descriptor: Int32

    init() throws(HTTPServerError) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw HTTPServerError(message: "socketpair: \(String(cString: strerror(errno)))")
        }
        Glibc.close(ends[1])
        descriptor = ends[0]
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Closes what `other` stands for and has it stand for this socket.
    ///
    /// Its owner sees the end of the connection and closes it. That must take it out of an epoll set first, as
    /// libmicrohttpd does: the socket itself lives on.
    func takePlace(of other: Int32) {
        // Fails only for what is no descriptor.
        guard other >= 0, dup2(descriptor, other) >= 0 else { return }
        _ = fcntl(other, F_SETFD, FD_CLOEXEC)
    }
}
