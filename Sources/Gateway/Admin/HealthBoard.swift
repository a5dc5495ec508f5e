internal import EventLoop
internal import GRPCChannel

/// What each worker last said of its upstreams, for the admin listener's thread to read.
///
/// Written when a channel changes its state, so never on the way of a request.
final class HealthBoard: Sendable {
    /// One worker's word.
    struct Report: Sendable {
        /// Whether calls of this worker can be expected to find a connection.
        ///
        /// That is so while there is one, and while the last one is replaced, as after GOAWAY: calls wait for that
        /// and do not fail.
        var canServe = false
        var upstreams: [UpstreamState] = []
    }

    private struct State {
        var reports: [Report]
        var isStopping = false
    }

    private let state: Locked<State>

    init(workers: Int) {
        state = Locked(State(reports: Array(repeating: Report(), count: workers)))
    }

    /// Notes the state of the channel of worker number `worker`.
    func update(_ worker: Int, _ channel: ConnectivityState, _ upstreams: [UpstreamState]) {
        state.withLock { state in
            state.reports[worker].upstreams = upstreams
            switch channel {
            case .ready: state.reports[worker].canServe = true
            case .transientFailure, .shutdown: state.reports[worker].canServe = false
            case .idle, .connecting: break
            }
        }
    }

    /// The gateway takes no new requests from now on.
    func beginStopping() {
        state.withLock { $0.isStopping = true }
    }

    func read() -> HealthReport {
        state.withLock { HealthReport(workers: $0.reports, isStopping: $0.isStopping) }
    }
}
