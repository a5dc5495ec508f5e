internal import CLibUV
internal import Glibc

extension SocketAddress {
    /// The local address of the socket `descriptor`, nil if it is neither an internet nor a unix-domain address.
    ///
    /// One in Linux's abstract namespace, which is no file, has a path that begins with `@`; it can be shown, and no more.
    init?(boundTo descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw -> SocketAddress? in
                guard getsockname(descriptor, raw, &length) == 0 else { return nil }
                guard Int32(raw.pointee.sa_family) == AF_UNIX else { return SocketAddress(UnsafePointer(raw)) }
                return SocketAddress(unixAddress: UnsafeRawBufferPointer(start: raw, count: Int(length)))
            }
        }
        guard let address else { return nil }
        self = address
    }

    /// The bytes of a `sockaddr_un`, as many as the kernel says there are (unix(7)).
    private init?(unixAddress bytes: UnsafeRawBufferPointer) {
        let name = bytes.dropFirst(MemoryLayout<sa_family_t>.size)
        guard let first = name.first else {
            self.init(unixPath: "(unnamed)")
            return
        }
        let path = first == 0 ? name.dropFirst() : name.prefix { $0 != 0 }
        self.init(unixPath: (first == 0 ? "@" : "") + String(decoding: path, as: UTF8.self))
    }
}
