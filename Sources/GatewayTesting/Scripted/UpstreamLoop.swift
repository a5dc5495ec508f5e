import Glibc

/// The thread side of a scripted upstream: accepts, polls and lets each connection run until told to stop.
struct UpstreamLoop: ~Copyable {
    private static let listenerToken: UInt64 = 0
    private static let wakerToken = UInt64.max

    private let listener: Int32
    private let waker: Waker
    private let shared: Monitor<UpstreamState>
    private let poller: Poller
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// By number, which is also the poller's token.
    private var connections: [Int: (connection: ScriptedConnection, interest: Poller.Interest)] = [:]

    /// Takes over `listener`.
    init(listener: Int32, waker: Waker, shared: Monitor<UpstreamState>, poller: consuming Poller) {
        self.listener = listener
        self.waker = waker
        self.shared = shared
        self.poller = poller
        self.poller.add(listener, .read, token: UpstreamLoop.listenerToken)
        self.poller.add(waker.descriptor, .read, token: UpstreamLoop.wakerToken)
    }

    deinit {
        for (connection, _) in connections.values { connection.close(abruptly: false) }
        close(listener)
        scratch.deallocate()
    }

    /// Runs until the shared state says stop.
    mutating func run() {
        while true {
            let commands: [UpstreamState.Command]? = shared.update { state in
                defer { state.commands = [] }
                return state.isStopping ? nil : state.commands
            }
            guard let commands else { return }
            for command in commands { perform(command) }
            turn()
        }
    }

    private mutating func turn() {
        settle()
        var ready: [(UInt64, Poller.Interest)] = []
        poller.wait(until: connections.values.compactMap(\.connection.nextDeadline).min()) { ready.append(($0, $1)) }
        for (token, interest) in ready {
            switch token {
            case UpstreamLoop.listenerToken: accept()
            case UpstreamLoop.wakerToken: waker.drain()
            default:
                guard interest.contains(.read), let entry = connections[Int(token)] else { continue }
                if !entry.connection.receive(into: scratch) { entry.connection.close(abruptly: false) }
            }
        }
    }

    /// Lets scripts go on, forgets closed connections and tells the poller what the others wait for.
    private mutating func settle() {
        for (number, entry) in connections {
            let connection = entry.connection
            connection.run()
            if connection.isClosed {
                // Closing the descriptor has taken it out of the epoll set.
                connections[number] = nil
            } else if connection.interest != entry.interest {
                connections[number]?.interest = connection.interest
                poller.change(connection.descriptor, connection.interest, token: UInt64(number))
            }
        }
    }

    private mutating func accept() {
        while let descriptor = Sockets.accept(from: listener) {
            let (number, makeBehavior) = shared.update { state in
                state.connections.append(RecordedConnection(number: state.connections.count + 1))
                return (state.connections.count, state.behavior)
            }
            let connection = try? ScriptedConnection(
                descriptor: descriptor,
                number: number,
                behavior: makeBehavior(number),
                shared: shared,
                waker: waker
            )
            guard let connection, !connection.isClosed else {
                shared.update { $0.connections[number - 1].isOpen = false }
                continue
            }
            let interest = connection.interest
            connections[number] = (connection, interest)
            poller.add(descriptor, interest, token: UInt64(number))
        }
    }

    private func perform(_ command: UpstreamState.Command) {
        for (number, entry) in connections where command.connection == nil || command.connection == number {
            entry.connection.perform(command.action)
        }
    }
}
