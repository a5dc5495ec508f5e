internal import CLinux
import Glibc

/// Plain stream sockets; every descriptor returned belongs to the caller and closes on exec.
enum Sockets {
    /// Binds a TCP socket to 127.0.0.1 and returns a non-blocking descriptor and the port, which for 0 the system has chosen.
    static func bind(port: UInt16) throws(SystemError) -> (descriptor: Int32, port: UInt16) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        if descriptor < 0 { throw SystemError("socket") }
        // Lets a server come back on the port that it has just left.
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else {
            let error = SystemError("listen on 127.0.0.1:\(port)")
            close(descriptor)
            throw error
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Listens on 127.0.0.1, as ``bind(port:)`` binds.
    static func listen(port: UInt16) throws(SystemError) -> (descriptor: Int32, port: UInt16) {
        let bound = try bind(port: port)
        guard Glibc.listen(bound.descriptor, 1024) == 0 else {
            let error = SystemError("listen on 127.0.0.1:\(bound.port)")
            close(bound.descriptor)
            throw error
        }
        return bound
    }

    /// Takes one waiting connection, non-blocking and without Nagle's delay; nil where none waits.
    static func accept(from listener: Int32) -> Int32? {
        let descriptor = accept4(listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
        if descriptor < 0 { return nil }
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return descriptor
    }

    /// Connects over TCP, blocking.
    static func connect(host: String, port: UInt16) throws(SystemError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0 else {
            throw SystemError("resolve \(host)", code: ENXIO)
        }
        defer { freeaddrinfo(found) }
        var error = SystemError("connect to \(host):\(port)", code: ENXIO)
        var next = found
        while let address = next?.pointee {
            next = address.ai_next
            let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            if descriptor < 0 { throw SystemError("socket") }
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
                set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
                return descriptor
            }
            error = SystemError("connect to \(host):\(port)")
            close(descriptor)
        }
        throw error
    }

    /// Connects to a unix socket, blocking.
    static func connect(unixPath path: String) throws(SystemError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw SystemError("connect to \(path)", code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw SystemError("socket") }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard connected else {
            let error = SystemError("connect to \(path)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Closes so that the peer sees an orderly end.
    ///
    /// The kernel sends a reset instead for what has come and was not read, or comes a little later (RFC 1122, section
    /// 4.2.2.13), so this reads until the peer closes too, for as long as a peer that hears of it may take.
    static func closeInOrder(_ descriptor: Int32) {
        shutdown(descriptor, Int32(SHUT_WR))
        let deadline = MonotonicTime.now.advanced(by: .milliseconds(20))
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { scratch in
            while true {
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&watched, 1, deadline.millisecondsLeft) > 0,
                    recv(descriptor, scratch.baseAddress, scratch.count, 0) > 0
                else { break }
            }
        }
        close(descriptor)
    }

    /// Closes so that the peer sees a reset instead of an orderly end.
    static func abort(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close(descriptor)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
