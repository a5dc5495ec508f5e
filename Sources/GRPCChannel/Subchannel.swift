internal import EventLoop
internal import RPCCore

/// The connections to one address: makes them, replaces them, and waits between failed attempts.
///
/// One connection takes calls until it has as many as the server allows at a time
/// (``HTTP2Connection/isAtStreamLimit``); then ``grow()`` makes a further one, which goes again when it is not needed. One
/// that got GOAWAY drains beside its successor. Where the last one ends, it is replaced: at once if it had been of use,
/// and after a wait (``Backoff``) if it failed or ended right after it was made. The next attempt then starts by itself.
///
/// Where servers are asked for their health (``HealthMonitor``), an attempt lasts until the server has said how it is, and
/// a connection whose server is not serving is set aside, with the calls that it has, until it is.
final class Subchannel {
    private enum Phase {
        case idle
        case connecting
        case ready
        case waiting(until: Deadline)
        /// All connections are set aside.
        case unserving(until: Deadline)
        case closed
    }

    /// Unowned: both close their subchannels before they go.
    unowned let channel: GRPCChannel
    unowned let upstream: Upstream
    let address: SocketAddress
    let addressText: String
    private var phase = Phase.idle
    /// Those that take calls; not empty exactly while ready.
    private var connections: [HTTP2Connection] = []
    /// Those whose server is not serving.
    private var aside: [HTTP2Connection] = []
    /// The attempt under way, which while ready is for one more connection.
    private var attempt: HTTP2Connection?
    private var draining: [HTTP2Connection] = []
    private var failureCount = 0
    /// Why there is no connection that takes calls; nil while there is one or nothing has failed.
    private(set) var lastError: String?
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
        addressText = address.description
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
        case .waiting(let retryAt), .unserving(let retryAt): .transientFailure(retryAt: retryAt)
        case .connecting: hasFailed ? .transientFailure(retryAt: lastRetry) : .connecting
        }
    }

    var snapshot: UpstreamState.Address {
        var note = lastError
        if connections.contains(where: { $0.health?.verdict == .unsupported }) {
            note = "has no health service (grpc.health.v1) and is taken for healthy"
        }
        return UpstreamState.Address(address: addressText, state: state, note: note)
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
        if !aside.isEmpty {
            for connection in aside { connection.flush() }
        }
        if !draining.isEmpty {
            for connection in draining { connection.flush() }
        }
    }

    func close() {
        if case .closed = phase { return }
        let closing = draining + aside + connections + [attempt].compactMap(\.self)
        stop()
        draining = []
        for connection in closing { connection.close("the channel was closed", origin: .cancelled) }
    }

    /// The name no longer has this address: finishes the calls that have a stream, and that is all.
    func retire() {
        if case .closed = phase { return }
        let abandoned = attempt
        draining += connections + aside
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
        aside = []
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
        lastError = error
        timer?.start(afterMilliseconds: delay / 1_000_000 + 1)
        upstream.lookUpAgain()
        upstream.balancer.memberFailed(
            Status(.unavailable, "upstream \(upstream.target.description): \(error)")
        )
    }

    private func timerFired() {
        switch phase {
        case .waiting: beginAttempt()
        case .connecting, .ready, .unserving:
            guard let attempt else { return }
            let seconds = Double(channel.configuration.connectTimeout) / 1e9
            let missing = attempt.isReady ? "word of the server's health" : "HTTP/2 connection"
            attempt.close("connect: no \(missing) within \(seconds) s", origin: .network)
        case .idle, .closed: break
        }
    }

    // MARK: - Further connections

    var connectionCount: Int { connections.count }

    var isGrowing: Bool { isReady && attempt != nil }

    /// Whether one more connection would help and is allowed.
    ///
    /// One that keeps calls off while it waits for a stream to ask for the server's health is as full as any. A server
    /// that allows no calls at all, on any connection, would allow none on a further one either.
    var canGrow: Bool {
        attempt == nil && connections.count + aside.count < channel.configuration.maxConnectionsPerAddress
            && connections.allSatisfy(\.isAtStreamLimit) && connections.contains { $0.streamLimit > 0 }
            && growthBarredUntil <= channel.loop.turnStart()
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
        let surplus = connections.isEmpty ? aside.dropFirst() : connections.dropFirst() + aside
        for connection in surplus.reversed() where connection.isUnused {
            forget(connection)
            draining.append(connection)
            connection.retire()
        }
        for connection in connections + aside { connection.isUnused = true }
        watchSurplus()
    }

    private func watchSurplus() {
        guard connections.count + aside.count > 1 else { return }
        surplusTimer?.start(afterMilliseconds: channel.configuration.surplusConnectionIdleTime / 1_000_000 + 1)
    }

    // MARK: - News from connections

    /// The server's SETTINGS have come.
    func connectionIsReady(_ connection: HTTP2Connection) {
        guard connection === attempt else { return }
        connection.readySince = channel.loop.now()
        if let service = channel.configuration.healthCheckService {
            connection.watchHealth(of: service)
        } else {
            admit(connection)
        }
    }

    /// What the server says of its health has changed, or when it is asked next.
    func healthChanged(of connection: HTTP2Connection) {
        guard let health = connection.health else { return }
        switch health.verdict {
        case .serving, .unsupported:
            if !connections.contains(where: { $0 === connection }) { admit(connection) }
        case .unknown, .notServing:
            setAside(connection)
        }
    }

    /// Gives a connection its calls.
    private func admit(_ connection: HTTP2Connection) {
        finishAttempt(connection)
        forget(connection)
        phase = .ready
        connections.append(connection)
        if connections.count + aside.count == 2 { watchSurplus() }
        hasFailed = false
        lastError = nil
        connection.wantsWaitingCalls = true
        upstream.balancer.membersChanged()
    }

    /// Takes a connection out of those that get calls until its server is serving.
    private func setAside(_ connection: HTTP2Connection) {
        finishAttempt(connection)
        forget(connection)
        aside.append(connection)
        if connections.count + aside.count == 2 { watchSurplus() }
        if connections.isEmpty { awaitHealth() } else { upstream.balancer.membersChanged() }
    }

    /// No connection takes calls, since no server is serving: fails, unless one has yet to say how it is.
    private func awaitHealth() {
        var retryAt = Deadline.never
        var reason: String?
        for health in aside.compactMap(\.health) {
            switch health.verdict {
            case .notServing(let text): reason = text
            case .unknown:
                phase = .connecting
                return upstream.balancer.membersChanged()
            case .serving, .unsupported: break
            }
            retryAt = min(retryAt, health.nextCheck)
        }
        phase = .unserving(until: retryAt)
        hasFailed = true
        lastRetry = retryAt
        let text = reason ?? "is not serving"
        lastError = text
        upstream.balancer.memberFailed(Status(.unavailable, "upstream \(upstream.target.description) \(text)"))
    }

    private func finishAttempt(_ connection: HTTP2Connection) {
        guard connection === attempt else { return }
        attempt = nil
        timer?.stop()
    }

    /// Takes a connection out of those that take calls or would if their server were well.
    private func forget(_ connection: HTTP2Connection) {
        connections.removeAll { $0 === connection }
        aside.removeAll { $0 === connection }
    }

    /// The connection takes no new calls but has calls to finish.
    func connectionIsDraining(_ connection: HTTP2Connection) {
        guard isHeld(connection) else { return }
        draining.append(connection)
        remove(connection, because: "the upstream ended the connection (GOAWAY)")
    }

    /// The connection is gone; its calls are still to be told.
    func connectionClosed(_ connection: HTTP2Connection, reason: String) {
        if connection === attempt {
            attempt = nil
            timer?.stop()
            channel.statistics.failedConnections &+= 1
            if isReady || !aside.isEmpty { growthFailed() } else { attemptFailed(reason) }
        } else if isHeld(connection) {
            remove(connection, because: reason)
        } else {
            draining.removeAll { $0 === connection }
            if case .closed = phase, draining.isEmpty { upstream.subchannelIsDone(self) }
        }
    }

    private func isHeld(_ connection: HTTP2Connection) -> Bool {
        connections.contains { $0 === connection } || aside.contains { $0 === connection }
    }

    private func remove(_ connection: HTTP2Connection, because reason: String) {
        forget(connection)
        guard connections.isEmpty, aside.isEmpty else {
            if connections.isEmpty { awaitHealth() }
            return upstream.lookUpAgain()
        }
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
