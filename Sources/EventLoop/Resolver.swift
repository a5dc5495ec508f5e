internal import CLibUV
internal import Glibc

/// Name resolution on libuv's thread pool (`getaddrinfo`).
package enum Resolver {
    /// Looks up A and AAAA records of `host`, in the system's order, and calls `completion` on the loop's thread.
    ///
    /// `completion` is called exactly once, after `resolve` has returned.
    package static func resolve(
        host: String,
        port: UInt16,
        on loop: EventLoop,
        _ completion: @escaping (Result<[SocketAddress], UVError>) -> Void
    ) {
        let request = HandleMemory.allocate(uv_getaddrinfo_t.self)
        request.pointee.data = Unmanaged.passRetained(Completion(completion)).toOpaque()
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        let started = uv_getaddrinfo(
            loop.raw,
            request,
            { request, status, list in
                guard let request else { return }
                Resolver.finish(request, status: status, list: list)
            },
            host,
            String(port),
            &hints
        )
        if started != 0 {
            // Report later, as every other outcome: the caller may not be ready to be called back yet.
            LoopTimer.callSoon(on: loop) { finish(request, status: started, list: nil) }
        }
    }

    private final class Completion {
        let call: (Result<[SocketAddress], UVError>) -> Void
        init(_ call: @escaping (Result<[SocketAddress], UVError>) -> Void) { self.call = call }
    }

    private static func finish(
        _ request: UnsafeMutablePointer<uv_getaddrinfo_t>,
        status: Int32,
        list: UnsafeMutablePointer<addrinfo>?
    ) {
        defer { uv_freeaddrinfo(list) }
        let data = request.pointee.data
        UnsafeMutableRawPointer(request).deallocate()
        guard let data else { return }
        let completion = Unmanaged<Completion>.fromOpaque(data).takeRetainedValue()
        guard status == 0 else { return completion.call(.failure(UVError("getaddrinfo", status))) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let raw = entry.pointee.ai_addr, let address = SocketAddress(raw), !addresses.contains(address) {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        completion.call(.success(addresses))
    }
}
