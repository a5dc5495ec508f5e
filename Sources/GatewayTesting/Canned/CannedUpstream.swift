import Glibc

/// A gRPC server that gives each path the same answer, as cheaply as one thread can: the far end of a benchmark.
///
/// Confined to one thread.
package final class CannedUpstream {
    private static let listenerToken: UInt64 = 0
    private static let stopToken = UInt64.max

    /// The port it listens on, of 127.0.0.1.
    package let port: UInt16
    private let answers: [CannedAnswer]
    private let unimplemented = PreparedHeaders([
        ":status": "200", "content-type": "application/grpc", "grpc-status": "12",
    ])
    private let listener: Int32
    private let poller: Poller
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 64)
    /// By descriptor, which is also the poller's token.
    private var connections: [CannedConnection?] = []

    private let delay: Duration?

    /// Starts listening; `port` 0 lets the system choose.
    ///
    /// With `delay` each answer is held back for so long.
    package init(port: UInt16, answers: [CannedAnswer], delay: Duration? = nil) throws(SystemError) {
        self.answers = answers
        self.delay = delay
        poller = try Poller()
        (listener, self.port) = try Sockets.listen(port: port)
        poller.add(listener, .read, token: CannedUpstream.listenerToken)
    }

    deinit {
        for connection in connections { connection?.close(abruptly: false) }
        close(listener)
        scratch.deallocate()
    }

    /// Serves until one of the signals comes that `stop` watches.
    package func run(until stop: borrowing SignalDescriptor) {
        poller.add(stop.descriptor, .read, token: CannedUpstream.stopToken)
        defer { poller.remove(stop.descriptor) }
        var isRunning = true
        while isRunning {
            poller.wait(until: nextDue()) { token, ready in
                switch token {
                case CannedUpstream.stopToken: isRunning = false
                case CannedUpstream.listenerToken: accept()
                default: serve(Int(token), ready)
                }
            }
            if delay != nil { answerDue() }
        }
    }

    /// When the next answer is due that is held back.
    private func nextDue() -> MonotonicTime? {
        guard delay != nil else { return nil }
        return connections.lazy.compactMap { $0?.nextDue }.min()
    }

    private func answerDue() {
        let now = MonotonicTime.now
        for connection in connections {
            guard let connection, let due = connection.nextDue, due <= now else { continue }
            connection.answerDue(by: now)
            write(connection)
        }
    }

    private func accept() {
        while let descriptor = Sockets.accept(from: listener) {
            let connection = try? CannedConnection(
                descriptor: descriptor,
                answers: answers,
                unimplemented: unimplemented,
                delay: delay
            )
            guard let connection else { continue }
            while connections.count <= Int(descriptor) { connections.append(nil) }
            connections[Int(descriptor)] = connection
            poller.add(descriptor, .read, token: UInt64(descriptor))
            write(connection)
        }
    }

    private func serve(_ descriptor: Int, _ ready: Poller.Interest) {
        guard let connection = connections[descriptor] else { return }
        if ready.contains(.read), !connection.receive(into: scratch) {
            end(connection)
        } else {
            write(connection)
        }
    }

    private func write(_ connection: CannedConnection) {
        while true {
            let isSerialized = connection.serialize()
            switch connection.output.write(to: connection.descriptor) {
            case .failed:
                end(connection)
                return
            case .wouldBlock:
                watch(connection, forWriting: true)
                return
            case .done where isSerialized:
                if connection.isFinished { end(connection) } else { watch(connection, forWriting: false) }
                return
            case .done:
                continue
            }
        }
    }

    private func watch(_ connection: CannedConnection, forWriting: Bool) {
        guard connection.isBlocked != forWriting else { return }
        connection.isBlocked = forWriting
        // While the client does not read, it gets no more answers by asking for them.
        poller.change(connection.descriptor, forWriting ? .write : .read, token: UInt64(connection.descriptor))
    }

    private func end(_ connection: CannedConnection) {
        connections[Int(connection.descriptor)] = nil
        connection.close(abruptly: false)
    }
}
