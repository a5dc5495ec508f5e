internal import EventLoop
internal import RPCCore

/// One of the channel's targets: looks its name up and keeps a subchannel for each of its addresses.
///
/// A name is looked up again every ``GRPCChannel/Configuration/lookupPeriod``, and when a connection has failed, but
/// not more often than every ``GRPCChannel/Configuration/minimumLookupInterval``. A lookup that fails changes nothing as
/// long as there are addresses from an earlier one; without any, the target has failed and is looked up after a wait
/// (``Backoff``). A lookup cannot be stopped, so there is never more than one under way.
final class Upstream {
    /// Unowned: the balancer closes its targets before it goes.
    unowned let balancer: Balancer
    let target: ChannelTarget
    /// Scheme and authority, which outlive the frames they go into, as connections keep their target alive.
    let block: FieldBlock
    /// Where the target is reached by TLS, and there are credentials for it.
    let tls: TLSClient?
    /// Nanoseconds of silence after which connections ask for a sign of life; nil for never.
    private(set) var keepaliveTime: UInt64?
    private(set) var subchannels: [Subchannel] = []
    /// Subchannels whose address the name has no more, until their last call is done.
    private var leaving: [Subchannel] = []
    private var phase = Phase.idle
    private var isLookingUp = false
    private var lastLookup: Deadline?
    private var failureCount = 0
    /// Why there is no address; nil where there is one or nothing has failed.
    private var lookupError: String?
    private var timer: LoopTimer?
    private var random = SystemRandomNumberGenerator()

    private enum Phase {
        case idle
        /// No address yet.
        case lookingUp
        /// There is no address, and the lookup has failed.
        case failed(retryAt: Deadline)
        /// What the subchannels say.
        case resolved
        case closed
    }

    init(_ target: ChannelTarget, balancer: Balancer) {
        self.target = target
        self.balancer = balancer
        let authority = balancer.channel.configuration.authority ?? target.authority
        keepaliveTime = balancer.channel.configuration.keepaliveTime
        block = FieldBlock([(":scheme", target.usesTLS ? "https" : "http"), (":authority", authority)])
        let credentials = target.usesTLS ? balancer.channel.configuration.tls : nil
        tls = credentials.map { TLSClient($0, authority: authority) }
        // A cycle that close() breaks; for why not weakly, see GRPCChannel.
        timer = LoopTimer(on: balancer.channel.loop) { self.timerFired() }
    }

    private var configuration: GRPCChannel.Configuration { balancer.channel.configuration }
    private var loop: EventLoop { balancer.channel.loop }

    /// The state of a target without addresses, nil where its subchannels tell.
    var state: ConnectivityState? {
        switch phase {
        case .idle: .idle
        case .lookingUp: .connecting
        case .failed(let retryAt): .transientFailure(retryAt: retryAt)
        case .resolved: nil
        case .closed: .shutdown
        }
    }

    var snapshot: UpstreamState {
        UpstreamState(
            target: target.description,
            state: state ?? ConnectivityState(of: subchannels.map(\.state)),
            addresses: subchannels.map(\.snapshot),
            lookupError: lookupError
        )
    }

    func connect() {
        guard case .idle = phase else { return }
        phase = .lookingUp
        balancer.channel.noteStateChange()
        lookUp()
    }

    func flush() {
        for subchannel in subchannels { subchannel.flush() }
        // Backwards, as one that is done with its last call takes itself out.
        for index in leaving.indices.reversed() { leaving[index].flush() }
    }

    func close() {
        if case .closed = phase { return }
        phase = .closed
        timer?.close()
        timer = nil
        let closing = subchannels + leaving
        subchannels = []
        leaving = []
        for subchannel in closing { subchannel.close() }
    }

    /// A connection has failed or ended, perhaps since the server has moved.
    func lookUpAgain() {
        guard case .resolved = phase, case .name = target.endpoint, !isLookingUp else { return }
        let earliest = (lastLookup ?? Deadline(nanoseconds: 0)).advanced(by: configuration.minimumLookupInterval)
        let wait = earliest.remaining(at: loop.now())
        if wait == 0 { lookUp() } else { timer?.start(afterMilliseconds: wait / 1_000_000 + 1) }
    }

    /// The server has had enough of pings on a connection that sent one every `interval` nanoseconds: new connections
    /// send half as many (gRFC A8, "Server Enforcement").
    ///
    /// However often it says so, and on however many connections that were made before it did.
    func pingLess(than interval: UInt64) {
        let (doubled, isTooLong) = interval.multipliedReportingOverflow(by: 2)
        keepaliveTime = max(keepaliveTime ?? 0, isTooLong ? .max : doubled)
    }

    /// The last call of a subchannel without an address is done.
    func subchannelIsDone(_ subchannel: Subchannel) {
        leaving.removeAll { $0 === subchannel }
    }

    // MARK: - Lookups

    private func lookUp() {
        switch target.endpoint {
        case .addresses(let addresses):
            use(addresses)
        case .name(let host, let port):
            isLookingUp = true
            lastLookup = loop.now()
            timer?.start(afterMilliseconds: configuration.connectTimeout / 1_000_000 + 1)
            configuration.lookup(host, port, loop) { result in
                self.isLookingUp = false
                if case .closed = self.phase { return }
                switch result {
                case .success(let addresses) where !addresses.isEmpty: self.use(addresses.interleavedByFamily)
                case .success: self.lookupFailed("the name has no address")
                case .failure(let error): self.lookupFailed(error.description)
                }
            }
        }
    }

    private func timerFired() {
        guard isLookingUp else { return lookUp() }
        // The answer is still welcome when it comes, but calls must not wait for it.
        if case .lookingUp = phase {
            let seconds = Double(configuration.connectTimeout) / 1e9
            fail("connect: no address within \(seconds) s", retryAt: loop.now())
        }
    }

    private func lookupFailed(_ reason: String) {
        guard subchannels.isEmpty else {
            timer?.start(afterMilliseconds: configuration.minimumLookupInterval / 1_000_000 + 1)
            return
        }
        failureCount += 1
        let delay = configuration.backoff.delay(afterFailures: failureCount, using: &random)
        timer?.start(afterMilliseconds: delay / 1_000_000 + 1)
        fail(reason, retryAt: loop.now().advanced(by: delay))
    }

    private func fail(_ reason: String, retryAt: Deadline) {
        phase = .failed(retryAt: retryAt)
        lookupError = reason
        balancer.memberFailed(Status(.unavailable, "upstream \(target.description): \(reason)"))
    }

    /// Makes subchannels for addresses that are new, and lets go of those that are gone.
    private func use(_ found: [SocketAddress]) {
        let addresses = found.prefix(configuration.maxAddressesPerTarget)
        failureCount = 0
        lookupError = nil
        if case .name = target.endpoint {
            timer?.start(afterMilliseconds: configuration.lookupPeriod / 1_000_000 + 1)
        }
        phase = .resolved
        let earlier = subchannels
        subchannels = addresses.map { address in
            earlier.first { $0.address == address } ?? Subchannel(to: address, of: self)
        }
        let gone = earlier.filter { old in !subchannels.contains { $0 === old } }
        leaving += gone
        for subchannel in subchannels { subchannel.connect() }
        for subchannel in gone { subchannel.retire() }
        balancer.membersChanged()
    }
}
