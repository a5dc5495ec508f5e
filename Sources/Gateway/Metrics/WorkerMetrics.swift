internal import GRPCChannel
internal import HTTPServer
internal import RPCCore

/// What one worker counts: plain numbers that its own thread alone touches.
///
/// It outlives pipelines and channels: routes and methods are known by their names here, so that one that is registered
/// again goes on counting where it was. Each access lasts for one store, so that those of each request need no check at
/// run time.
final class WorkerMetrics {
    let channel = ChannelStatistics()
    /// Templates of routes; the first stands for requests that have none.
    private(set) var routes = [""]
    /// gRPC methods, `package.Service/Method`.
    private(set) var methods: [String] = []
    /// For each route and ``MethodLabel`` the place in ``series``, negative for none.
    private var places: [Int32]
    private var series: [WorkerSnapshot.Series] = []
    /// For each method 17 numbers, by the code of gRPC's status.
    private var calls: [UInt64] = []
    private var phases = [Histogram](repeating: Histogram(), count: RequestRecord.Phase.count)
    private var receivedBytes: UInt64 = 0
    private var sentBytes: UInt64 = 0
    private var reasons: [String: UInt64] = [:]
    private var signIns: [String: UInt64] = [:]

    init() {
        places = Array(repeating: -1, count: MethodLabel.count)
    }

    // MARK: - Names

    /// The number of a route, for ``HTTPServer/RequestRecord/route``.
    func route(_ template: String) -> Int {
        if let known = routes.firstIndex(of: template) { return known }
        routes.append(template)
        places += Array(repeating: -1, count: MethodLabel.count)
        return routes.count - 1
    }

    /// The number of a gRPC method, for ``HTTPServer/RequestRecord/method``.
    func method(_ name: String) -> Int {
        if let known = methods.firstIndex(of: name) { return known }
        methods.append(name)
        calls += Array(repeating: 0, count: WorkerSnapshot.codeCount)
        return methods.count - 1
    }

    // MARK: - Counting

    /// Counts a request that is over; its record is not changed.
    func count(
        _ record: inout RequestRecord,
        _ method: MethodLabel,
        status: UInt16,
        _ culprit: RequestRecord.Culprit?
    ) {
        let place = place(of: record.route, method)
        series[place].requests.count(status, culprit, nanoseconds: record.total)
        for index in 0..<RequestRecord.Phase.count {
            if let time = record.elapsed(index) { phases[index].observe(time) }
        }
        receivedBytes &+= UInt64(record.receivedBytes)
        sentBytes &+= UInt64(record.sentBytes)
    }

    private func place(of route: Int, _ method: MethodLabel) -> Int {
        let index = route * MethodLabel.count + method.rawValue
        if places[index] < 0 {
            places[index] = Int32(series.count)
            series.append(WorkerSnapshot.Series(route: routes[route], method: method))
        }
        return Int(places[index])
    }

    /// Counts a call that has ended.
    func countCall(of method: Int, _ code: StatusCode) {
        // Numbers that gRPC does not have are read as UNKNOWN.
        let code = (0..<WorkerSnapshot.codeCount).contains(code.rawValue) ? code : .unknown
        calls[method * WorkerSnapshot.codeCount + code.rawValue] &+= 1
    }

    /// Counts an error of the gateway's own by its reason, of which there is a fixed number.
    func countError(_ reason: String) {
        reasons[reason, default: 0] &+= 1
    }

    /// Counts a sign-in that has ended.
    func countSignIn(_ result: String) {
        signIns[result, default: 0] &+= 1
    }

    /// All of it as it is now, to be handed to another thread.
    func snapshot() -> WorkerSnapshot {
        var snapshot = WorkerSnapshot()
        snapshot.series = series
        snapshot.methods = methods
        snapshot.calls = calls
        snapshot.phases = phases
        snapshot.receivedBytes = receivedBytes
        snapshot.sentBytes = sentBytes
        snapshot.reasons = reasons
        snapshot.signIns = signIns
        snapshot.attempts = channel.attempts
        snapshot.retries = channel.retries
        snapshot.transparentRetries = channel.transparentRetries
        snapshot.cancellations = channel.cancellations
        snapshot.upstreamConnections = channel.connections
        snapshot.failedUpstreamConnections = channel.failedConnections
        snapshot.upstreamSentBytes = channel.sentBytes
        snapshot.upstreamReceivedBytes = channel.receivedBytes
        return snapshot
    }
}
