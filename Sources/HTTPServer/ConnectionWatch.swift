internal import EventLoop

/// Ends connections whose client takes too long to send a request, however steadily its bytes drip.
///
/// libmicrohttpd knows of silence only. Here a count of ticks takes the place of a clock, so that a request costs no more
/// than a few stores, and each tick looks through all connections.
///
/// It also finds connections that the client has ended right behind what it sent: libmicrohttpd, told of both by one edge
/// of epoll, reads what was sent and never hears of the end.
final class ConnectionWatch {
    /// A configuration's times in ticks.
    private struct Limits {
        /// Milliseconds of a tick.
        let interval: UInt64
        let header: UInt32
        let body: UInt32
        let idle: UInt32
        let bodyBytesPerTick: Int

        init(_ configuration: HTTPServer.Configuration) {
            let shortest = min(configuration.headerTimeout, configuration.bodyTimeout, configuration.idleTimeout)
            // Fine enough for the limits to be kept to a tenth, and at most once a second.
            let interval = min(max(shortest / 10, 10), 1000)
            let ticks = { (time: UInt64) in UInt32(min((time + interval - 1) / interval, UInt64(Int32.max))) }
            self.interval = interval
            header = ticks(configuration.headerTimeout)
            body = ticks(configuration.bodyTimeout)
            idle = ticks(configuration.idleTimeout)
            bodyBytesPerTick = max(1, configuration.minimumBodyRate * Int(interval) / 1000)
        }
    }

    private var limits: Limits
    /// In no order; each connection knows its place.
    ///
    /// Unretained: libmicrohttpd keeps them until it has told of their end.
    private var connections: [Unmanaged<ClientConnection>] = []
    private var timer: LoopTimer?
    private var timerIsArmed = false
    /// Ticks so far; it wraps around.
    private(set) var tick: UInt32 = 0

    init(_ configuration: HTTPServer.Configuration, on loop: EventLoop) {
        limits = Limits(configuration)
        timer = LoopTimer(on: loop) { [unowned self] in
            timerIsArmed = false
            tick &+= 1
            endLateOnes()
            armIfNeeded()
        }
    }

    /// Goes by other times from now on.
    func reconfigure(_ configuration: HTTPServer.Configuration) {
        let previous = limits.interval
        limits = Limits(configuration)
        guard limits.interval != previous else { return }
        for connection in connections {
            connection._withUnsafeGuaranteedRef { client in
                let age = UInt64(tick &- client.since) * previous / limits.interval
                client.setAge(UInt32(min(age, UInt64(Int32.max))), tick: tick)
            }
        }
    }

    func insert(_ connection: ClientConnection) {
        connection.index = connections.count
        connections.append(Unmanaged.passUnretained(connection))
        armIfNeeded()
    }

    func remove(_ connection: ClientConnection) {
        let index = connection.index
        guard let last = connections.popLast(), index < connections.count else { return }
        connections[index] = last
        last._withUnsafeGuaranteedRef { $0.index = index }
    }

    func close() {
        timer?.close()
        timer = nil
    }

    /// Calls `body` with each connection.
    func forEach(_ body: (ClientConnection) -> Void) {
        for connection in connections { connection._withUnsafeGuaranteedRef { body($0) } }
    }

    /// Calls `body` with each connection whose header block is on its way.
    func forEachReceivingHeader(_ body: (ClientConnection) -> Void) {
        for connection in connections {
            connection._withUnsafeGuaranteedRef { if $0.phase == .header { body($0) } }
        }
    }

    /// The first connection, from the newest on, that has sent more than `limit` bytes of a header block which is not whole.
    ///
    /// Looking costs system calls, so not all are looked at where there are very many.
    func connectionWithPartialHeader(above limit: Int) -> ClientConnection? {
        var looks = 0
        for connection in connections.reversed() where looks < ConnectionWatch.maximumLooks {
            let found = connection._withUnsafeGuaranteedRef { client -> ClientConnection? in
                guard client.phase == .idle || client.phase == .header else { return nil }
                looks += 1
                return client.partialHeaderSize ?? 0 > limit ? client : nil
            }
            if let found { return found }
        }
        return nil
    }

    private static let maximumLooks = 1024

    /// Refuses requests whose body libmicrohttpd has not read on since the last call, although there is more of it.
    func endStuckBodies() {
        for connection in connections {
            connection._withUnsafeGuaranteedRef { client in
                guard client.phase == .body, client.isStuck() else { return }
                client.exchange?.refuseUnread(.chunkLine)
            }
        }
    }

    var isEmpty: Bool { connections.isEmpty }

    /// One look at what a draining server has left: ends connections that were idle at so many of them.
    ///
    /// `closingAfter` as many more, they are closed, whether the client has done so or not.
    func endQuietOnes(after looks: Int, closingAfter endingLooks: Int) {
        // Nothing below removes a connection: libmicrohttpd does, in its next run.
        for connection in connections {
            connection._withUnsafeGuaranteedRef { client in
                guard client.phase == .idle || client.isEnding else { return }
                client.quietLooks += 1
                if client.isEnding {
                    if client.quietLooks > endingLooks { client.shutDown() }
                } else if client.isEndedByClient {
                    client.shutDown()
                } else if client.quietLooks > looks, !client.hasUnreadInput {
                    client.beginEnding()
                }
            }
        }
    }

    private func armIfNeeded() {
        guard !timerIsArmed, !connections.isEmpty else { return }
        timerIsArmed = true
        timer?.start(afterMilliseconds: limits.interval)
    }

    private func endLateOnes() {
        // Nothing below removes a connection: libmicrohttpd does, in its next run.
        for connection in connections { connection._withUnsafeGuaranteedRef { look(at: $0) } }
    }

    private func look(at connection: ClientConnection) {
        let age = tick &- connection.since
        switch connection.phase {
        case .idle:
            if age > (connection.isNew ? limits.header : limits.idle) { return connection.shutDown() }
            // Once is enough: from now on the end would come alone.
            guard !connection.isProbed else { return }
            connection.isProbed = true
        case .header:
            if age > limits.header { connection.exchange?.refuseUnread(.lateHeader) }
        case .body:
            // Beyond the grace, each tick has to be paid for.
            let paid = connection.bodyCount / limits.bodyBytesPerTick
            if age > limits.body, Int(age - limits.body) > paid { connection.exchange?.refuseUnread(.lateBody) }
        case .busy:
            return
        }
        if connection.isEndedByClient { connection.shutDown() }
    }
}
