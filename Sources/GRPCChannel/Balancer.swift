internal import EventLoop
internal import RPCCore

/// Spreads calls over the channel's targets and their addresses: round robin over those that are ready.
///
/// All addresses are connected to at once, as in gRPC's `round_robin`, so one that does not answer costs the others no
/// time. The whole has failed when every part has, and then stays so until one part is ready.
final class Balancer {
    /// Unowned: the channel closes its balancer before it goes.
    unowned let channel: GRPCChannel
    private var upstreams: [Upstream] = []
    private var ready: [Subchannel] = []
    /// Index in ``ready`` of the one that took the last call.
    private var last = 0
    private var lastFailure: Status?
    private var isClosed = false
    /// What calls fail with as long as nothing is ready and every attempt has failed.
    private(set) var failure: Status?

    init(channel: GRPCChannel) {
        self.channel = channel
        upstreams = channel.configuration.targets.map { Upstream($0, balancer: self) }
        if upstreams.isEmpty { failure = Status(.unavailable, "the channel has no upstream") }
    }

    var state: ConnectivityState {
        if isClosed { return .shutdown }
        if !ready.isEmpty { return .ready }
        return ConnectivityState(
            of: upstreams.flatMap { upstream in
                upstream.state.map { [$0] } ?? upstream.subchannels.map(\.state)
            }
        )
    }

    var snapshot: [UpstreamState] { upstreams.map(\.snapshot) }

    /// When the next attempt to connect starts or, once that has passed, has started; while all have failed.
    private(set) var nextAttempt: Deadline?

    /// The connection for the next call, nil if there is none that could take it.
    func pick() -> HTTP2Connection? {
        var index = last
        for _ in ready.indices {
            index = index + 1 < ready.count ? index + 1 : 0
            if let connection = ready[index].connectionWithRoom {
                last = index
                return connection
            }
        }
        return nil
    }

    /// Asks for one more connection for `waiting` calls where all that there are have reached their limit of streams.
    func grow(for waiting: Int) {
        let attempts = ready.count { $0.isGrowing }
        guard attempts < waiting else { return }
        var smallest: Subchannel?
        for subchannel in ready where subchannel.canGrow {
            if let smallest, smallest.connectionCount <= subchannel.connectionCount { continue }
            smallest = subchannel
        }
        smallest?.grow()
    }

    /// Starts connecting if nothing was tried yet.
    func connect() {
        for upstream in upstreams { upstream.connect() }
    }

    func flush() {
        for upstream in upstreams { upstream.flush() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        ready = []
        for upstream in upstreams { upstream.close() }
    }

    // MARK: - News from targets and subchannels

    /// An attempt has failed, and with it perhaps the channel.
    func memberFailed(_ status: Status) {
        lastFailure = status
        membersChanged()
    }

    /// A subchannel came, went or changed its state; hooks may run in here.
    func membersChanged() {
        guard !isClosed else { return }
        ready.removeAll(keepingCapacity: true)
        for upstream in upstreams {
            for subchannel in upstream.subchannels where subchannel.isReady { ready.append(subchannel) }
        }
        if last >= ready.count { last = 0 }
        channel.noteStateChange()
        guard case .transientFailure(let retryAt) = state else {
            failure = nil
            nextAttempt = nil
            return
        }
        nextAttempt = retryAt == .never ? nil : retryAt
        let status = lastFailure ?? Status(.unavailable, "no upstream can be reached")
        failure = status
        channel.failWaitingCalls(status)
    }
}
