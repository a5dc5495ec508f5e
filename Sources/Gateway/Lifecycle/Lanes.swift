internal import EventLoop
internal import GRPCChannel

/// The lanes of one worker: the one that takes requests, one that is about to, and those with requests to finish.
///
/// A new lane connects before it takes over, so that a reload costs no request a wait. It does not wait for long: an
/// upstream that cannot be reached is no reason to go on with what the configuration has left behind.
final class Lanes {
    /// Milliseconds that a new lane has to connect before it takes over as it is.
    private static let connectTime: UInt64 = 1000
    /// Lanes that may have requests to finish; beyond them, those of the oldest end.
    private static let maximumRetired = 4

    /// Takes all new requests.
    private(set) var current: Lane
    private var next: Lane?
    private var retired: [Lane] = []
    private let context: LaneContext
    private var timer: LoopTimer?
    /// Called when the current lane is another one, or its channel's state has changed.
    var onChange: ((Lane) -> Void)?
    /// Called when a lane has taken over.
    var onSwitch: ((Lane) -> Void)?

    /// One lane, which takes requests but does not connect yet.
    init(_ generation: Generation, _ context: LaneContext) throws(GatewayError) {
        self.context = context
        current = try Lane(generation, context)
        timer = LoopTimer(on: context.loop) { [unowned self] in takeOver() }
        watch(current)
    }

    /// Connects, so that the first request finds a connection.
    func connect() {
        current.channel.connect()
    }

    /// Has a lane of `generation` take over as soon as it is connected, or in a moment.
    func change(to generation: Generation) throws(GatewayError) {
        let lane = try Lane(generation, context)
        // One that has not taken over yet never will.
        next?.close()
        next = lane
        watch(lane)
        timer?.start(afterMilliseconds: Lanes.connectTime)
        lane.channel.connect()
    }

    private func watch(_ lane: Lane) {
        lane.channel.onStateChange = { [unowned self, unowned lane] in
            if lane === current {
                onChange?(lane)
            } else if lane === next, case .ready = lane.channel.state {
                takeOver()
            }
        }
    }

    private func takeOver() {
        timer?.stop()
        guard let lane = next.take() else { return }
        retired.append(current)
        current = lane
        if retired.count > Lanes.maximumRetired { retired.removeFirst().close() }
        onChange?(lane)
        onSwitch?(lane)
    }

    /// Calls that wait for a connection or for room on one.
    var waitingCallCount: Int { (retired + [current]).reduce(0) { $0 + $1.channel.waitingCallCount } }

    /// Requests that wait for a token.
    var waitingForSignIn: Int { (retired + [current]).reduce(0) { $0 + $1.pipeline.waitingForSignIn } }

    /// Writes what has gathered, and lets go of the lanes that are done; to be called once a turn, right before polling.
    func flush() {
        current.channel.flush()
        next?.channel.flush()
        guard !retired.isEmpty else { return }
        for lane in retired {
            if lane.isDone { lane.close() } else { lane.channel.flush() }
        }
        retired.removeAll(where: \.isDone)
    }

    /// Has all answers say that they are the last ones on their connections, and changes no more.
    func beginStopping() {
        timer?.stop()
        next?.close()
        next = nil
        for lane in retired + [current] { lane.pipeline.endsConnections = true }
    }

    /// Ends all calls and answers all requests; idempotent.
    func close() {
        timer?.close()
        timer = nil
        next?.close()
        next = nil
        for lane in retired + [current] { lane.close() }
        retired = []
    }
}
