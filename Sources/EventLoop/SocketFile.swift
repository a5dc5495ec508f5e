internal import CLibUV
internal import Glibc

/// The file that stands for a unix-domain socket.
struct SocketFile {
    private let path: String
    private let device: dev_t
    private let inode: ino_t
    /// Inode numbers are used again at once; together with the time of creation they are not.
    private let changed: timespec

    /// The socket at `path`, nil if there is none.
    init?(_ path: String) {
        guard let status = SocketFile.status(of: path) else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
        changed = status.st_ctim
    }

    /// Unlinks the file if it is still the same one.
    func remove() {
        guard let now = SocketFile.status(of: path), now.st_dev == device, now.st_ino == inode,
            now.st_ctim.tv_sec == changed.tv_sec, now.st_ctim.tv_nsec == changed.tv_nsec
        else { return }
        unlink(path)
    }

    /// Unlinks what a server left behind that ended without doing so: a socket that refuses connections.
    ///
    /// Anything else at `path` stays, and binding to it fails.
    static func removeStale(_ path: String, _ address: SocketAddress) {
        guard let file = SocketFile(path) else { return }
        // Not blocking: a server whose backlog is full is no stale one.
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return }
        defer { close(probe) }
        let result = address.withSockAddr { raw, length in connect(probe, raw, length) }
        if result != 0, errno == ECONNREFUSED { file.remove() }
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        return status
    }
}
