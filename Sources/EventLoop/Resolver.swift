internal import CLibUV
internal import Glibc

/// Name resolution by the system (`getaddrinfo`), beside the loop (``NameLookup``).
package enum Resolver {
    /// Looks up A and AAAA records of `host`, in the system's order, and calls `completion` on the loop's thread.
    ///
    /// `completion` is called exactly once, after `resolve` has returned; not at all where the loop is closed first, which
    /// does not wait for lookups.
    package static func resolve(
        host: String,
        port: UInt16,
        on loop: EventLoop,
        _ completion: @escaping (Result<[SocketAddress], UVError>) -> Void
    ) {
        NameLookup.start(on: loop, { lookUp(host: host, port: port) }, completion)
    }

    /// Looks up on the thread that asks, for as long as it takes.
    ///
    /// By libuv, which knows names that are not ASCII and makes its own error numbers of the resolver's.
    private static func lookUp(host: String, port: UInt16) -> Result<[SocketAddress], UVError> {
        let loop: EventLoop
        do {
            loop = try EventLoop()
        } catch {
            return .failure(error)
        }
        defer { loop.close() }
        let request = HandleMemory.allocate(uv_getaddrinfo_t.self)
        defer { UnsafeMutableRawPointer(request).deallocate() }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        // Without a callback it is done when it returns.
        let result = uv_getaddrinfo(loop.raw, request, nil, host, String(port), &hints)
        guard result == 0 else { return .failure(UVError("getaddrinfo", result)) }
        defer { uv_freeaddrinfo(request.pointee.addrinfo) }
        var addresses: [SocketAddress] = []
        var next = request.pointee.addrinfo
        while let entry = next {
            if let raw = entry.pointee.ai_addr, let address = SocketAddress(raw), !addresses.contains(address) {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}
