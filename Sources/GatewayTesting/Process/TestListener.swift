internal import CLinux
import Glibc

/// A listening socket to be passed to a process, which blocks, as systemd's do.
package final class TestListener {
    /// `127.0.0.1:PORT` or `unix:PATH`.
    package let address: String
    /// Owned here.
    package let descriptor: Int32

    /// Listens on `127.0.0.1:PORT`, of the system's choice where 0, or `unix:PATH`.
    package init(_ text: String) throws(SystemError) {
        guard text.hasPrefix("unix:") else {
            let bound = try Sockets.listen(port: text.split(separator: ":").last.flatMap { UInt16($0) } ?? 0)
            descriptor = bound.descriptor
            _ = fcntl(bound.descriptor, F_SETFL, 0)
            address = "127.0.0.1:\(bound.port)"
            return
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: text.dropFirst(5).utf8) }
        let listens = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                    && listen(descriptor, 128) == 0
            }
        }
        guard listens else {
            let error = SystemError("listen on \(text)")
            close(descriptor)
            throw error
        }
        self.address = text
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
