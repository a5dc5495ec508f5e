internal import EventLoop

/// Ends connections whose client takes too long to send a request, however steadily its bytes drip.
///
/// libmicrohttpd knows of silence only. Here a count of ticks takes the place of a clock, so that a request costs no more
/// than a few stores, and each tick looks through all connections.
///
/// It also finds connections that the client has ended right behind what it sent: libmicrohttpd, told of both by one edge
/// of epoll, reads what was sent and never hears of the end.
final class ConnectionWatch {
    private let interval: UInt64
    private let headerTicks: UInt32
    private let bodyTicks: UInt32
    private let idleTicks: UInt32
    private let bodyBytesPerTick: Int
    /// In no order; each connection knows its place.
    ///
    /// Unretained: libmicrohttpd keeps them until it has told of their end.
    private var connections: [Unmanaged<ClientConnection>] = []
    private var timer: LoopTimer?
    private var timerIsArmed = false
    /// Ticks so far; it wraps around.
    private(set) var tick: UInt32 = 0

    init(_ configuration: HTTPServer.Configuration, on loop: EventLoop) {
        let shortest = min(configuration.headerTimeout, configuration.bodyTimeout, configuration.idleTimeout)
        // Fine enough for the limits to be kept to a tenth, and at most once a second.
        let interval = min(max(shortest / 10, 10), 1000)
        self.interval = interval
        let ticks = { (time: UInt64) in UInt32(min((time + interval - 1) / interval, UInt64(Int32.max))) }
        headerTicks = ticks(configuration.headerTimeout)
        bodyTicks = ticks(configuration.bodyTimeout)
        idleTicks = ticks(configuration.idleTimeout)
        bodyBytesPerTick = max(1, configuration.minimumBodyRate * Int(interval) / 1000)
        timer = LoopTimer(on: loop) { [unowned self] in
            timerIsArmed = false
            tick &+= 1
            endLateOnes()
            armIfNeeded()
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

    /// Calls `body` with each connection whose header block is on its way.
    func forEachReceivingHeader(_ body: (ClientConnection) -> Void) {
        for connection in connections {
            connection._withUnsafeGuaranteedRef { if $0.phase == .header { body($0) } }
        }
    }

    /// Refuses requests whose body libmicrohttpd has not read on since the last call, although there is more of it.
    func endStuckBodies() {
        for connection in connections {
            connection._withUnsafeGuaranteedRef { client in
                guard client.phase == .body, client.isStuck() else { return }
                client.exchange?.refuseUnread(.chunkLine)
            }
        }
    }

    private func armIfNeeded() {
        guard !timerIsArmed, !connections.isEmpty else { return }
        timerIsArmed = true
        timer?.start(afterMilliseconds: interval)
    }

    private func endLateOnes() {
        // Nothing below removes a connection: libmicrohttpd does, in its next run.
        for connection in connections { connection._withUnsafeGuaranteedRef { look(at: $0) } }
    }

    private func look(at connection: ClientConnection) {
        let age = tick &- connection.since
        switch connection.phase {
        case .idle:
            if age > (connection.isNew ? headerTicks : idleTicks) { return connection.shutDown() }
            // Once is enough: from now on the end would come alone.
            guard !connection.isProbed else { return }
            connection.isProbed = true
        case .header:
            if age > headerTicks { connection.exchange?.refuseUnread(.lateHeader) }
        case .body:
            // Beyond the grace, each tick has to be paid for.
            let paid = connection.bodyCount / bodyBytesPerTick
            if age > bodyTicks, Int(age - bodyTicks) > paid { connection.exchange?.refuseUnread(.lateBody) }
        case .busy:
            return
        }
        if connection.isEndedByClient { connection.shutDown() }
    }
}
