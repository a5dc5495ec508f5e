internal import EventLoop
internal import RPCCore

/// The connections to one address: makes them, replaces them, and waits between failed attempts.
///
/// One connection takes calls until it has as many as the server allows at a time
/// (``HTTP2Connection/isAtStreamLimit``); then ``grow()`` makes a further one, which goes again when it is not needed. One
/// that got GOAWAY drains beside its successor. Where the last one ends, it is replaced: at once if it had been of use,
/// and after a wait (``Backoff``) if it failed or ended right after it was made. The next attempt then starts by itself.
final class Subchannel {
    private enum Phase {
        case idle
        case connecting
        case ready
        case waiting(until: Deadline)
        case closed
    }

    /// Unowned: both close their subchannels before they go.
    unowned let channel: GRPCChannel
    unowned let upstream: Upstream
    let address: SocketAddress
    private var phase = Phase.idle
    /// Those that take calls; not empty exactly while ready.
    private var connections: [HTTP2Connection] = []
    /// The attempt under way, which while ready is for one more connection.
    private var attempt: HTTP2Connection?
    private var draining: [HTTP2Connection] = []
    private var failureCount = 0
    /// No attempt has succeeded after a failure.
    private var hasFailed = false
    private var lastRetry = Deadline.never
    /// When a further connection may be tried after one could not be made.
    private var growthBarredUntil = Deadline(nanoseconds: 0)
    private var timer: LoopTimer?
    /// Looks for connections that are not needed.
    private var surplusTimer: LoopTimer?
    private var random = SystemRandomNumberGenerator()

    /// How long a connection must have lasted to be replaced without a wait, in nanoseconds.
    private static let provenAfter: UInt64 = 1_000_000_000

    init(to address: SocketAddress, of upstream: Upstream) {
        self.address = address
        self.upstream = upstream
        channel = upstream.balancer.channel
        // Cycles that close() and retire() break; for why not weakly, see GRPCChannel.
        timer = LoopTimer(on: channel.loop) { self.timerFired() }
        surplusTimer = LoopTimer(on: channel.loop) { self.closeSurplus() }
    }

    var isReady: Bool { !connections.isEmpty }

    var state: ConnectivityState {
        switch phase {
        case .closed: .shutdown
        case .ready: .ready
        case .idle: .idle
        case .waiting(let retryAt): .transientFailure(retryAt: retryAt)
        case .connecting: hasFailed ? .transientFailure(retryAt: lastRetry) : .connecting
        }
    }

    /// The connection for the next call, nil if there is none that could take it.
    ///
    /// The first that has room: so those that are not needed fall idle.
    var connectionWithRoom: HTTP2Connection? {
        for connection in connections where connection.hasRoom { return connection }
        return nil
    }

    /// Starts connecting if nothing was tried yet.
    func connect() {
        guard case .idle = phase else { return }
        beginAttempt()
    }

    func flush() {
        // By index, as connections end and come in there.
        var index = 0
        while index < connections.count {
            let connection = connections[index]
            connection.flush()
            if index < connections.count, connections[index] === connection { index += 1 }
        }
        attempt?.flush()
        if !draining.isEmpty {
            for connection in draining { connection.flush() }
        }
    }

    func close() {
        if case .closed = phase { return }
        let closing = draining + connections + [attempt].compactMap(\.self)
        stop()
        draining = []
        for connection in closing { connection.close("the channel was closed", origin: .cancelled) }
    }

    /// The name no longer has this address: finishes the calls that have a stream, and that is all.
    func retire() {
        if case .closed = phase { return }
        let abandoned = attempt
        draining += connections
        let retiring = draining
        stop()
        abandoned?.close("the address is no longer the upstream's", origin: .network)
        for connection in retiring { connection.retire() }
        if draining.isEmpty { upstream.subchannelIsDone(self) }
    }

    /// Neither takes calls nor makes connections any more.
    private func stop() {
        phase = .closed
        attempt = nil
        connections = []
        timer?.close()
        timer = nil
        surplusTimer?.close()
        surplusTimer = nil
    }

    // MARK: - Attempts

    private func beginAttempt() {
        phase = .connecting
        makeConnection()
    }

    private func makeConnection() {
        timer?.start(afterMilliseconds: channel.configuration.connectTimeout / 1_000_000 + 1)
        attempt = HTTP2Connection(to: address, owner: self)
    }

    private func attemptFailed(_ error: String) {
        failureCount += 1
        let delay = channel.configuration.backoff.delay(afterFailures: failureCount, using: &random)
        let retryAt = channel.loop.now().advanced(by: delay)
        phase = .waiting(until: retryAt)
        lastRetry = retryAt
        hasFailed = true
        timer?.start(afterMilliseconds: delay / 1_000_000 + 1)
        upstream.lookUpAgain()
        upstream.balancer.memberFailed(
            Status(.unavailable, "upstream \(upstream.target.description): \(error)")
        )
    }

    private func timerFired() {
        switch phase {
        case .waiting: beginAttempt()
        case .connecting, .ready:
            let seconds = Double(channel.configuration.connectTimeout) / 1e9
            attempt?.close("connect: no HTTP/2 connection within \(seconds) s", origin: .network)
        case .idle, .closed: break
        }
    }

    // MARK: - Further connections

    var connectionCount: Int { connections.count }

    var isGrowing: Bool { isReady && attempt != nil }

    /// Whether one more connection would help and is allowed.
    var canGrow: Bool {
        attempt == nil && connections.count < channel.configuration.maxConnectionsPerAddress
            && connections.allSatisfy(\.isAtStreamLimit) && growthBarredUntil <= channel.loop.turnStart()
    }

    func grow() {
        guard isReady, attempt == nil else { return }
        makeConnection()
    }

    private func growthFailed() {
        let delay = channel.configuration.backoff.delay(afterFailures: max(1, failureCount), using: &random)
        growthBarredUntil = channel.loop.now().advanced(by: delay)
    }

    /// Ends connections that took no call since the last look, but for one.
    private func closeSurplus() {
        for connection in connections.dropFirst().reversed() where connection.isUnused {
            connections.removeAll { $0 === connection }
            draining.append(connection)
            connection.retire()
        }
        for connection in connections { connection.isUnused = true }
        watchSurplus()
    }

    private func watchSurplus() {
        guard connections.count > 1 else { return }
        surplusTimer?.start(afterMilliseconds: channel.configuration.surplusConnectionIdleTime / 1_000_000 + 1)
    }

    // MARK: - News from connections

    /// The server's SETTINGS have come.
    func connectionIsReady(_ connection: HTTP2Connection) {
        guard connection === attempt else { return }
        attempt = nil
        timer?.stop()
        phase = .ready
        connections.append(connection)
        connection.readySince = channel.loop.now()
        if connections.count == 2 { watchSurplus() }
        hasFailed = false
        connection.wantsWaitingCalls = true
        upstream.balancer.membersChanged()
    }

    /// The connection takes no new calls but has calls to finish.
    func connectionIsDraining(_ connection: HTTP2Connection) {
        guard connections.contains(where: { $0 === connection }) else { return }
        draining.append(connection)
        remove(connection, because: "the upstream ended the connection (GOAWAY)")
    }

    /// The connection is gone; its calls are still to be told.
    func connectionClosed(_ connection: HTTP2Connection, reason: String) {
        if connection === attempt {
            attempt = nil
            timer?.stop()
            if isReady { growthFailed() } else { attemptFailed(reason) }
        } else if connections.contains(where: { $0 === connection }) {
            remove(connection, because: reason)
        } else {
            draining.removeAll { $0 === connection }
            if case .closed = phase, draining.isEmpty { upstream.subchannelIsDone(self) }
        }
    }

    private func remove(_ connection: HTTP2Connection, because reason: String) {
        connections.removeAll { $0 === connection }
        guard connections.isEmpty else { return upstream.lookUpAgain() }
        let age = channel.loop.now().remaining(at: connection.readySince)
        if connection.hasServed || age >= Subchannel.provenAfter {
            failureCount = 0
        } else if failureCount == 0 {
            // A server that is being restarted may well end its first connection; one that makes it a habit waits.
            failureCount = 1
        } else if attempt == nil {
            return attemptFailed(reason)
        }
        // One that was to be a further connection becomes the first.
        phase = .connecting
        if attempt == nil { makeConnection() }
        upstream.lookUpAgain()
        upstream.balancer.membersChanged()
    }
}
