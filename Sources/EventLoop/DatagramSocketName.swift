internal import CLibUV
internal import Glibc

/// The name of a unix-domain datagram socket that someone else reads, for messages now and then.
package struct DatagramSocketName: Sendable {
    private let name: String

    /// An absolute path, or `@` and a name in Linux's abstract namespace (unix(7)); nil for anything else.
    package init?(_ name: String) {
        let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        guard name.hasPrefix("/") || name.hasPrefix("@"), (2..<room).contains(name.utf8.count) else { return nil }
        self.name = name
    }

    /// Sends one message; one that cannot be delivered at once is lost.
    package func send(_ text: String) {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: name.utf8)
            if name.hasPrefix("@") { bytes[0] = 0 }
        }
        // An abstract name ends where the address does, and zeros would belong to it.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let bytes = Array(text.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
