// For sys/socket.h, of which Glibc leaves MSG_DONTWAIT out.
internal import CMicroHTTPD
internal import EventLoop
internal import Glibc

/// Sockets of refused requests whose client may still be sending.
///
/// Closing a socket with unread input resets the connection, which can take the answer away from a client that has not
/// read it yet. So libmicrohttpd closes its descriptor, and another one of the same socket reads and forgets what comes,
/// until the client has seen the end of the answer and closes as well (RFC 9112, section 9.6), but not for long.
final class LingeringSockets {
    /// Milliseconds that a client has to read its answer and close.
    private static let time: UInt64 = 2000
    /// Bytes that are read for that.
    private static let maximumBytes = 16 << 20
    /// Sockets that may linger at once; more are closed without.
    private static let maximumCount = 256

    private final class Lingering {
        let descriptor: Int32
        var watcher: DescriptorWatcher?
        var timer: LoopTimer?
        var count = 0

        init(_ descriptor: Int32) {
            self.descriptor = descriptor
        }

        func close() {
            watcher?.close()
            timer?.close()
            watcher = nil
            timer = nil
            Glibc.close(descriptor)
        }
    }

    private let loop: EventLoop
    /// By descriptor.
    private var sockets: [Int32: Lingering] = [:]

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Takes a share in the socket of `original`, which its owner is about to close.
    func add(_ original: Int32) {
        guard sockets.count < LingeringSockets.maximumCount else { return }
        let descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return }
        let socket = Lingering(descriptor)
        do {
            socket.watcher = try DescriptorWatcher(descriptor, for: .readable, on: loop) {
                [unowned self, unowned socket] in
                drain(socket)
            }
        } catch {
            return socket.close()
        }
        socket.timer = LoopTimer(on: loop) { [unowned self, unowned socket] in end(socket) }
        socket.timer?.start(afterMilliseconds: LingeringSockets.time)
        sockets[descriptor] = socket
    }

    var isEmpty: Bool { sockets.isEmpty }

    func close() {
        for socket in sockets.values { socket.close() }
        sockets = [:]
    }

    /// Reads once; the watch tells again while there is more.
    private func drain(_ socket: Lingering) {
        let size = 64 << 10
        let count = withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) {
            recv(socket.descriptor, $0.baseAddress, size, Int32(MSG_DONTWAIT))
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        socket.count += max(count, 0)
        if count <= 0 || socket.count > LingeringSockets.maximumBytes { end(socket) }
    }

    private func end(_ socket: Lingering) {
        sockets[socket.descriptor] = nil
        socket.close()
    }
}
