internal import CLibUV
internal import Glibc

/// A listening socket that the process was started with, of whose descriptor this is only the number.
///
/// It stays open until the process ends. Servers get duplicates, so that one that stops listening leaves it as it is,
/// for whoever has passed it.
package struct PassedSocket: Hashable, Sendable {
    package let name: String
    package let address: SocketAddress
    let descriptor: Int32

    /// Checks that `descriptor` is a stream socket that listens, and makes it non-blocking and closed by `exec`.
    package init(_ descriptor: Int32, name: String) throws(AddressError) {
        self.name = name
        self.descriptor = descriptor
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw AddressError(description: "descriptor \(descriptor), which was passed, is not open")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK,
            PassedSocket.option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
            let address = SocketAddress(boundTo: descriptor)
        else {
            throw AddressError(
                description: "descriptor \(descriptor), which was passed, is not a stream socket (ListenStream=)"
            )
        }
        guard PassedSocket.option(SO_ACCEPTCONN, of: descriptor) == 1 else {
            throw AddressError(
                description: "descriptor \(descriptor), which was passed, is not a listening socket (Accept=no)"
            )
        }
        self.address = address
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Several workers accept from it, and one that comes too late must not wait.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private static func option(_ option: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : nil
    }
}
