internal import EventLoop
internal import RPCCore

/// Watches over one connection with ``Keepalive``: one timer, and a store for each read.
///
/// The connection's own calls count like others, as in gRPC's C core: a watch of the server's health is a stream that the
/// server knows of, so it does not take the pings amiss, and nothing else would tell that it is gone.
final class KeepaliveMonitor {
    /// Unowned: the connection closes its monitor before it goes.
    private unowned let connection: HTTP2Connection
    private let loop: EventLoop
    /// Nanoseconds of silence after which it asks.
    let interval: UInt64
    private let timeout: UInt64
    private var state: Keepalive
    private var timer: LoopTimer?

    init(of connection: HTTP2Connection, interval: UInt64, _ configuration: GRPCChannel.Configuration, loop: EventLoop)
    {
        self.connection = connection
        self.loop = loop
        self.interval = interval
        timeout = configuration.keepaliveTimeout
        state = Keepalive(
            interval: interval,
            timeout: timeout,
            pingsWithoutCalls: configuration.keepaliveWithoutCalls,
            now: loop.turnStart()
        )
        // A cycle that close() breaks.
        timer = LoopTimer(on: loop) { self.check() }
        check()
    }

    func heard() {
        let isAnswer = state.hasAsked
        state.heard(at: loop.turnStart())
        // The timer is set to the end of the wait for it.
        if isAnswer { check() }
    }

    func close() {
        timer?.close()
        timer = nil
    }

    private func check() {
        switch state.check(at: loop.turnStart(), hasCalls: !connection.streams.isEmpty) {
        case .wait(let time):
            wake(at: time)
        case .ping(let time):
            connection.ping()
            wake(at: time)
        case .giveUp:
            let seconds = Double(timeout) / 1e9
            connection.close("the upstream did not answer a PING within \(seconds) s", origin: .network)
        }
    }

    private func wake(at time: Deadline) {
        let wait = time.remaining(at: loop.turnStart())
        timer?.start(afterMilliseconds: wait / 1_000_000 + 1)
    }
}
