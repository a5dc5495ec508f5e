internal import Bytes
internal import GRPCChannel
internal import Transcoding

/// Whether the gateway should be sent requests, and why not.
struct HealthReport {
    private let workers: [HealthBoard.Report]
    private let isStopping: Bool

    init(workers: [HealthBoard.Report], isStopping: Bool) {
        self.workers = workers
        self.isStopping = isStopping
    }

    /// The kernel spreads connections over all workers, so all of them have to be able to serve.
    var isReady: Bool { !isStopping && workers.allSatisfy(\.canServe) }

    /// Each upstream as the worker sees it that fares worst.
    var upstreams: [UpstreamState] {
        merged(workers.flatMap(\.upstreams), by: \.target).compactMap { states in
            states.max { $0.state.severity < $1.state.severity }
        }
    }

    /// `{"status", "workers", "readyWorkers", "upstreams": [{"target", "state", "addresses": [{"address", "state", "note"}], "error"}]}`.
    ///
    /// A state is that of the worker which fares worst. Workers know different addresses for a moment after a name has
    /// changed.
    func json() -> ByteBuffer {
        var json = ByteBuffer(capacity: 512)
        json.append(#"{"status":""#)
        json.append(isStopping ? "stopping" : isReady ? "ready" : "unavailable")
        json.append(#"","workers":"#)
        json.append(utf8: String(workers.count))
        json.append(#","readyWorkers":"#)
        json.append(utf8: String(workers.count(where: \.canServe)))
        json.append(#","upstreams":["#)
        for (index, upstream) in merged(workers.flatMap(\.upstreams), by: \.target).enumerated() {
            if index > 0 { json.append(",") }
            append(upstream, to: &json)
        }
        json.append("]}\n")
        return json
    }

    private func append(_ upstream: [UpstreamState], to json: inout ByteBuffer) {
        guard let worst = upstream.max(by: { $0.state.severity < $1.state.severity }) else { return }
        json.append(#"{"target":"#)
        json.appendJSONString(worst.target)
        append(state: worst.state, to: &json)
        json.append(#","addresses":["#)
        for (index, address) in merged(upstream.flatMap(\.addresses), by: \.address).enumerated() {
            guard let worst = address.max(by: { $0.state.severity < $1.state.severity }) else { continue }
            json.append(index == 0 ? #"{"address":"# : #",{"address":"#)
            json.appendJSONString(worst.address)
            append(state: worst.state, to: &json)
            append(text: worst.note, as: "note", to: &json)
            json.append("}")
        }
        json.append("]")
        append(text: worst.lookupError, as: "error", to: &json)
        json.append("}")
    }

    private func append(text: String?, as name: StaticString, to json: inout ByteBuffer) {
        guard let text else { return }
        json.append(",\"")
        json.append(name)
        json.append("\":")
        json.appendJSONString(text)
    }

    private func append(state: ConnectivityState, to json: inout ByteBuffer) {
        json.append(#","state":""#)
        json.append(state.name)
        json.append("\"")
    }

    /// The elements with one key together, in the order of their first appearance.
    private func merged<Element>(_ elements: [Element], by key: (Element) -> String) -> [[Element]] {
        var groups: [[Element]] = []
        var places: [String: Int] = [:]
        for element in elements {
            if let place = places[key(element)] {
                groups[place].append(element)
            } else {
                places[key(element)] = groups.count
                groups.append([element])
            }
        }
        return groups
    }
}

extension ConnectivityState {
    /// gRPC's name of it (grpc/doc/connectivity-semantics-and-api.md).
    var name: StaticString {
        switch self {
        case .idle: "IDLE"
        case .connecting: "CONNECTING"
        case .ready: "READY"
        case .transientFailure: "TRANSIENT_FAILURE"
        case .shutdown: "SHUTDOWN"
        }
    }

    fileprivate var severity: Int {
        switch self {
        case .ready: 0
        case .connecting: 1
        case .idle: 2
        case .transientFailure: 3
        case .shutdown: 4
        }
    }
}
