internal import EventLoop
internal import Glibc

/// The line to who has started the process, systemd or another that speaks its protocol (sd_notify(3)).
///
/// May be used from any thread. What cannot be delivered is forgotten: a service does not depend on its manager.
package struct ServiceManager: Sendable {
    private static let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    private let socket: DatagramSocketName
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
        guard let socket = DatagramSocketName(path) else { return nil }
        self.socket = socket
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
        socket.send(messages.map { $0.text(now: microseconds) }.joined(separator: "\n"))
    }
}
