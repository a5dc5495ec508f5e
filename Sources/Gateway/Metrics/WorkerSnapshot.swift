internal import GRPCChannel
internal import HTTPServer

/// What one worker has counted up to a moment.
struct WorkerSnapshot: Sendable {
    /// Codes that gRPC has.
    static let codeCount = 17

    struct Series: Sendable {
        let route: String
        let method: MethodLabel
        var requests = RequestSeries()
    }

    var series: [Series] = []
    var methods: [String] = []
    /// ``codeCount`` numbers for each method.
    var calls: [UInt64] = []
    /// By ``HTTPServer/RequestRecord/Phase``.
    var phases: [Histogram] = []
    var receivedBytes: UInt64 = 0
    var sentBytes: UInt64 = 0
    var reasons: [String: UInt64] = [:]
    var signIns: [String: UInt64] = [:]
    var attempts: UInt64 = 0
    var retries: UInt64 = 0
    var transparentRetries: UInt64 = 0
    var cancellations: UInt64 = 0
    var upstreamConnections: UInt64 = 0
    var failedUpstreamConnections: UInt64 = 0
    var upstreamSentBytes: UInt64 = 0
    var upstreamReceivedBytes: UInt64 = 0

    // Of the moment.
    var requestsInFlight = 0
    var connections = 0
    var acceptedConnections: UInt64 = 0
    var waitingCalls = 0
    var waitingForSignIn = 0
    var upstreams: [UpstreamState] = []
}
