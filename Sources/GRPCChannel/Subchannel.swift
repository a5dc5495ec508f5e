internal import EventLoop
internal import RPCCore

/// The connections to one target: makes them, replaces them, and waits between failed attempts.
///
/// At most one connection takes new calls. One that got GOAWAY drains beside its successor. A connection that has
/// been of use is replaced at once when it ends; one that failed, or ended right after it was made, after a wait
/// (``Backoff``), at the end of which the next attempt starts by itself.
final class Subchannel {
    private enum Phase {
        case idle
        case connecting
        case ready(HTTP2Connection)
        case waiting(until: Deadline)
        case closed
    }

    /// Unowned: the channel closes its subchannel before it goes.
    unowned let channel: GRPCChannel
    private var phase = Phase.idle
    /// The attempt under way, until it is ready.
    private var attempt: HTTP2Connection?
    /// Addresses that the attempt under way has not tried.
    private var untried: ArraySlice<SocketAddress> = []
    /// Tells an answer of the resolver that belongs to an earlier attempt.
    private var attemptNumber = 0
    /// When the attempt under way fails, over all addresses.
    private var attemptEnd = Deadline.never
    private var lastError = ""
    private var failureCount = 0
    private var readySince = Deadline.never
    private var draining: [HTTP2Connection] = []
    private var timer: LoopTimer?
    /// What calls fail with as long as no attempt has succeeded after a failure.
    private(set) var failure: Status?
    private var lastRetry = Deadline.never
    private var random = SystemRandomNumberGenerator()

    /// How long a connection must have lasted to be replaced without a wait, in nanoseconds.
    private static let provenAfter: UInt64 = 1_000_000_000

    init(channel: GRPCChannel) {
        self.channel = channel
        // A cycle that close() breaks; for why not weakly, see GRPCChannel.
        timer = LoopTimer(on: channel.loop) { self.timerFired() }
    }

    var state: ConnectivityState {
        switch phase {
        case .closed: .shutdown
        case .ready: .ready
        case .idle: .idle
        case .waiting(let retryAt): .transientFailure(retryAt: retryAt)
        case .connecting: failure == nil ? .connecting : .transientFailure(retryAt: lastRetry)
        }
    }

    /// The connection for the next call, nil if there is none that could take it.
    var connectionWithRoom: HTTP2Connection? {
        guard case .ready(let connection) = phase, connection.hasRoom else { return nil }
        return connection
    }

    /// Starts connecting if nothing was tried yet.
    func connect() {
        guard case .idle = phase else { return }
        beginAttempt()
    }

    func flush() {
        if case .ready(let connection) = phase { connection.flush() }
        attempt?.flush()
        for connection in draining { connection.flush() }
    }

    func close() {
        if case .closed = phase { return }
        let connections = draining + [attempt, readyConnection].compactMap(\.self)
        phase = .closed
        attempt = nil
        draining = []
        timer?.close()
        timer = nil
        for connection in connections { connection.close("the channel was closed", origin: .cancelled) }
    }

    private var readyConnection: HTTP2Connection? {
        guard case .ready(let connection) = phase else { return nil }
        return connection
    }

    // MARK: - Attempts

    private func beginAttempt() {
        phase = .connecting
        attemptNumber += 1
        untried = []
        let timeout = channel.configuration.connectTimeout
        attemptEnd = channel.loop.now().advanced(by: timeout)
        timer?.start(afterMilliseconds: timeout / 1_000_000)
        switch channel.configuration.target.endpoint {
        case .addresses(let addresses):
            untried = addresses[...]
            tryNextAddress()
        case .name(let host, let port):
            let number = attemptNumber
            Resolver.resolve(host: host, port: port, on: channel.loop) { result in
                guard case .connecting = self.phase, number == self.attemptNumber else { return }
                switch result {
                case .success(let addresses):
                    self.untried = addresses[...]
                    self.lastError = "the name has no address"
                    self.tryNextAddress()
                case .failure(let error):
                    self.attemptFailed(error.description)
                }
            }
        }
    }

    /// Connects to the next address, which gets its share of the time that is left.
    private func tryNextAddress() {
        let share = attemptEnd.remaining(at: channel.loop.now()) / UInt64(max(1, untried.count))
        guard let address = untried.popFirst() else { return attemptFailed(lastError) }
        timer?.start(afterMilliseconds: share / 1_000_000 + 1)
        attempt = HTTP2Connection(to: address, owner: self)
    }

    private func attemptFailed(_ error: String) {
        failureCount += 1
        let delay = channel.configuration.backoff.delay(afterFailures: failureCount, using: &random)
        wait(delay, because: error)
    }

    private func wait(_ delay: UInt64, because error: String) {
        let retryAt = channel.loop.now().advanced(by: delay)
        phase = .waiting(until: retryAt)
        lastRetry = retryAt
        timer?.start(afterMilliseconds: delay / 1_000_000 + 1)
        let status = Status(.unavailable, "upstream \(channel.configuration.target.description): \(error)")
        failure = status
        channel.failWaitingCalls(status)
    }

    private func timerFired() {
        switch phase {
        case .waiting: beginAttempt()
        case .connecting:
            let seconds = Double(channel.configuration.connectTimeout) / 1e9
            lastError = "connect: no HTTP/2 connection within \(seconds) s"
            let abandoned = attempt
            attempt = nil
            // The resolver's answer, if that is what took so long, comes too late.
            attemptNumber += 1
            abandoned?.close("connect: timed out", origin: .network)
            tryNextAddress()
        case .idle, .ready, .closed: break
        }
    }

    // MARK: - News from connections

    /// The server's SETTINGS have come.
    func connectionIsReady(_ connection: HTTP2Connection) {
        guard connection === attempt else { return }
        attempt = nil
        timer?.stop()
        phase = .ready(connection)
        readySince = channel.loop.now()
        failure = nil
        connection.wantsWaitingCalls = true
    }

    /// The connection takes no new calls but has calls to finish.
    func connectionIsDraining(_ connection: HTTP2Connection) {
        guard connection === readyConnection else { return }
        draining.append(connection)
        replace(connection, because: "the upstream ended the connection (GOAWAY)")
    }

    /// The connection is gone; its calls are still to be told.
    func connectionClosed(_ connection: HTTP2Connection, reason: String) {
        if connection === attempt {
            attempt = nil
            lastError = reason
            tryNextAddress()
        } else if connection === readyConnection {
            replace(connection, because: reason)
        } else {
            draining.removeAll { $0 === connection }
        }
    }

    private func replace(_ connection: HTTP2Connection, because reason: String) {
        let age = channel.loop.now().remaining(at: readySince)
        if connection.hasServed || age >= Subchannel.provenAfter {
            failureCount = 0
            beginAttempt()
        } else if failureCount == 0 {
            // A server that is being restarted may well end its first connection; one that makes it a habit waits.
            failureCount = 1
            beginAttempt()
        } else {
            attemptFailed(reason)
        }
    }
}
