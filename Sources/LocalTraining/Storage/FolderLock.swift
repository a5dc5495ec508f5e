import Glibc

/// The exclusive right to a folder, held until the object is gone or the process has ended, however it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Makes the folder where it is missing (its parents too), and locks it.
    init(folder: String) throws(StoreError) {
        try Self.makeFolder(folder)
        let descriptor = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(folder: folder, reason: Self.errorText())
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno == EWOULDBLOCK ? "another process is using it" : Self.errorText()
            close(descriptor)
            throw StoreError(folder: folder, reason: reason)
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Lets another process have the folder; may be called any number of times.
    func unlock() {
        flock(descriptor, LOCK_UN)
    }

    private static func makeFolder(_ folder: String) throws(StoreError) {
        var path = folder.hasPrefix("/") ? "/" : ""
        for component in folder.split(separator: "/") {
            path += component
            if mkdir(path, 0o755) != 0, errno != EEXIST {
                throw StoreError(folder: folder, reason: errorText())
            }
            path += "/"
        }
    }

    private static func errorText() -> String {
        String(cString: strerror(errno))
    }
}
