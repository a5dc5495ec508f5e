internal import Glibc

/// The line to who has started the process, systemd or another that speaks its protocol (sd_notify(3)).
///
/// May be used from any thread. What cannot be delivered is forgotten: a service does not depend on its manager.
package struct ServiceManager: Sendable {
    private static let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    private let path: String
    /// Microseconds of silence after which the manager takes the process for dead; nil where it does not watch.
    package let watchdogTimeout: UInt64?

    /// Takes the line out of the environment, so that nobody else takes it too; nil if there is none.
    ///
    /// Only before there are other threads; later there is nothing there any more.
    package static func take() -> ServiceManager? {
        let values = variables.map { name in getenv(name).map { String(cString: $0) } }
        for name in variables { unsetenv(name) }
        return values[0].flatMap { ServiceManager(path: $0, watchdogTimeout: values[1], watchdogProcess: values[2]) }
    }

    /// The socket at `path`, or in Linux's abstract namespace where it begins with `@`; nil for another kind.
    init?(path: String, watchdogTimeout: String? = nil, watchdogProcess: String? = nil) {
        let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        guard path.hasPrefix("/") || path.hasPrefix("@"), (2..<room).contains(path.utf8.count) else { return nil }
        self.path = path
        // sd_watchdog_enabled(3): without a process, it is for whoever reads it.
        let isMeant = watchdogProcess == nil || watchdogProcess.flatMap(pid_t.init) == getpid()
        let timeout = watchdogTimeout.flatMap(UInt64.init)
        self.watchdogTimeout = isMeant && timeout != 0 ? timeout : nil
    }

    /// Sends `messages` as one, which either comes whole or not at all.
    package func notify(_ messages: ServiceMessage...) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
        send(Array(messages.map { $0.text(now: microseconds) }.joined(separator: "\n").utf8))
    }

    private func send(_ text: [UInt8]) {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8)
            if path.hasPrefix("@") { bytes[0] = 0 }
        }
        // An abstract name ends where the address does, and zeros would belong to it (unix(7)).
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
