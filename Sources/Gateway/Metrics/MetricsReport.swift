internal import Bytes
internal import GRPCChannel
internal import HTTPServer
internal import RPCCore

/// The counts of all workers together, as `/metrics` shows them.
struct MetricsReport {
    private let workers: [WorkerSnapshot]
    private let process: ProcessStatistics
    private let droppedLogLines: UInt64
    private let isLogging: Bool

    /// `droppedLogLines` is nil where there is no access log.
    init(_ workers: [WorkerSnapshot], _ process: ProcessStatistics, droppedLogLines: UInt64?) {
        self.workers = workers
        self.process = process
        self.droppedLogLines = droppedLogLines ?? 0
        isLogging = droppedLogLines != nil
    }

    /// Prometheus' text format; series that have counted nothing yet are left out where they have labels.
    func text() -> ByteBuffer {
        var out = Exposition()
        addRequests(&out)
        addPhases(&out)
        addServer(&out)
        addCalls(&out)
        addUpstreams(&out)
        addRest(&out)
        addProcess(&out)
        return out.finish()
    }

    private func sum(_ count: (WorkerSnapshot) -> UInt64) -> UInt64 { workers.reduce(0) { $0 &+ count($1) } }

    private func sum(_ counts: (WorkerSnapshot) -> [String: UInt64]) -> [(key: String, value: UInt64)] {
        let merged = workers.reduce(into: [:]) { $0.merge(counts($1), uniquingKeysWith: &+) }
        return merged.sorted { $0.key < $1.key }
    }

    /// The series of all workers, one for each route and method, sorted by these.
    private func mergedSeries() -> [WorkerSnapshot.Series] {
        var places: [String: Int] = [:]
        var merged: [WorkerSnapshot.Series] = []
        for series in workers.flatMap(\.series) {
            let key = "\(series.route) \(series.method.rawValue)"
            if let place = places[key] {
                merged[place].requests.add(series.requests)
            } else {
                places[key] = merged.count
                merged.append(series)
            }
        }
        return merged.sorted { ($0.route, $0.method.rawValue) < ($1.route, $1.method.rawValue) }
    }

    // MARK: - Requests

    private func addRequests(_ out: inout Exposition) {
        let merged = mergedSeries()
        out.begin("requests_total", .counter, "Requests that are over, by route template, method and HTTP status.")
        for series in merged {
            for code in series.requests.codes.sorted(by: { $0.status < $1.status }) {
                out.sample(
                    ("route", series.route),
                    ("method", series.method.text),
                    ("code", String(code.status)),
                    value: code.count
                )
            }
        }
        out.begin(
            "failed_requests_total",
            .counter,
            "Requests that failed, by whose fault it was: client, gateway, network or upstream."
        )
        for series in merged {
            for culprit in RequestRecord.Culprit.allCases where series.requests.failures[culprit.rawValue] > 0 {
                out.sample(
                    ("route", series.route),
                    ("method", series.method.text),
                    ("failed_by", culprit.name),
                    value: series.requests.failures[culprit.rawValue]
                )
            }
        }
        out.begin(
            "request_duration_seconds",
            .histogram,
            "Time from a request's first line to the last byte of its answer."
        )
        for series in merged {
            out.histogram(("route", series.route), ("method", series.method.text), value: series.requests.duration)
        }
    }

    private func addPhases(_ out: inout Exposition) {
        out.begin(
            "phase_duration_seconds",
            .histogram,
            "Time of each phase of a request: request, gateway, signin, queue, upstream, send."
        )
        for phase in RequestRecord.Phase.allCases {
            let merged = workers.reduce(into: Histogram()) { sum, worker in
                if worker.phases.indices.contains(phase.rawValue) { sum.add(worker.phases[phase.rawValue]) }
            }
            out.histogram(("phase", phase.name), value: merged)
        }
        out.begin("request_body_bytes_total", .counter, "Bytes of content received, as they were sent.")
        out.sample(value: sum(\.receivedBytes))
        out.begin("response_body_bytes_total", .counter, "Bytes of content of answers, as they were sent.")
        out.sample(value: sum(\.sentBytes))
        out.begin(
            "errors_total",
            .counter,
            "Errors of the gateway's own, by the reason of their google.rpc.ErrorInfo; BAD_REQUEST for field violations."
        )
        for (reason, count) in sum(\.reasons) { out.sample(("reason", reason), value: count) }
    }

    private func addServer(_ out: inout Exposition) {
        out.begin("requests_in_flight", .gauge, "Requests that have begun and whose last byte has not been sent.")
        out.sample(value: sum { UInt64($0.requestsInFlight) })
        out.begin("connections", .gauge, "Open connections of clients.")
        out.sample(value: sum { UInt64($0.connections) })
        out.begin("connections_accepted_total", .counter, "Connections of clients that were accepted.")
        out.sample(value: sum(\.acceptedConnections))
    }

    // MARK: - Upstream

    private func addCalls(_ out: inout Exposition) {
        out.begin(
            "calls_total",
            .counter,
            "gRPC calls that have ended, by method and status, however often they were made."
        )
        var calls: [String: UInt64] = [:]
        for worker in workers {
            for (index, count) in worker.calls.enumerated() where count > 0 {
                let method = worker.methods[index / WorkerSnapshot.codeCount]
                calls["\(method) \(StatusCode(rawValue: index % WorkerSnapshot.codeCount))", default: 0] &+= count
            }
        }
        for (key, count) in calls.sorted(by: { $0.key < $1.key }) {
            let parts = key.split(separator: " ")
            out.sample(("grpc_method", String(parts[0])), ("grpc_status", String(parts[1])), value: count)
        }
        out.begin("call_attempts_total", .counter, "Streams opened for calls, sign-ins among them.")
        out.sample(value: sum(\.attempts))
        out.begin("call_retries_total", .counter, "Calls made anew, after a wait or since no server had seen them.")
        out.sample(("kind", "delayed"), value: sum(\.retries))
        out.sample(("kind", "transparent"), value: sum(\.transparentRetries))
        out.begin("call_cancellations_total", .counter, "Calls given up, mostly since the client had gone.")
        out.sample(value: sum(\.cancellations))
        out.begin(
            "calls_waiting",
            .gauge,
            "Calls that wait for a connection, for room on one, or for their next attempt."
        )
        out.sample(value: sum { UInt64($0.waitingCalls) })
        out.begin("requests_waiting_for_sign_in", .gauge, "Requests that wait for an access token.")
        out.sample(value: sum { UInt64($0.waitingForSignIn) })
        out.begin("sign_ins_total", .counter, "Sign-ins that have ended, by their result.")
        for (result, count) in sum(\.signIns) { out.sample(("result", result), value: count) }
    }

    private func addUpstreams(_ out: inout Exposition) {
        out.begin("upstream_workers", .gauge, "Workers to whom an upstream's address is in a state.")
        for (upstream, address) in addresses() {
            let states = workers.flatMap(\.upstreams).filter { $0.target == upstream }.flatMap(\.addresses)
                .filter { $0.address == address }.map { "\($0.state.name)" }
            for name in MetricsReport.states {
                out.sample(
                    ("upstream", upstream),
                    ("address", address),
                    ("state", name.lowercased()),
                    value: UInt64(states.count { $0 == name })
                )
            }
        }
        out.begin("upstream_connections_total", .counter, "Attempts to connect to an upstream, by their result.")
        out.sample(("result", "ok"), value: sum(\.upstreamConnections))
        out.sample(("result", "failed"), value: sum(\.failedUpstreamConnections))
        out.begin("upstream_sent_bytes_total", .counter, "Bytes of HTTP/2 sent to upstreams, before TLS.")
        out.sample(value: sum(\.upstreamSentBytes))
        out.begin("upstream_received_bytes_total", .counter, "Bytes of HTTP/2 received from upstreams, without TLS.")
        out.sample(value: sum(\.upstreamReceivedBytes))
    }

    /// Each of which has a series, so that one that is left goes back to 0.
    private static let states = ["IDLE", "CONNECTING", "READY", "TRANSIENT_FAILURE"]

    /// Each target with each of its addresses, once.
    private func addresses() -> [(upstream: String, address: String)] {
        var found: [(upstream: String, address: String)] = []
        for upstream in workers.flatMap(\.upstreams) {
            for address in upstream.addresses
            where !found.contains(where: { $0.upstream == upstream.target && $0.address == address.address }) {
                found.append((upstream.target, address.address))
            }
        }
        return found.sorted { $0 < $1 }
    }

    // MARK: - The process

    private func addRest(_ out: inout Exposition) {
        if isLogging {
            out.begin("access_log_lines_dropped_total", .counter, "Lines that the access log could not take in time.")
            out.sample(value: droppedLogLines)
        }
        out.begin("workers", .gauge, "Worker threads.")
        out.sample(value: UInt64(workers.count))
        out.begin("build_info", .gauge, "What is running; always 1.")
        out.sample(("version", ViamClient.version), value: 1)
    }

    private func addProcess(_ out: inout Exposition) {
        out.begin("process_cpu_seconds_total", .counter, isOwn: false, "CPU time of the process, user and system.")
        out.sample(nanoseconds: process.cpuNanoseconds)
        out.begin("process_resident_memory_bytes", .gauge, isOwn: false, "Memory in use.")
        out.sample(value: process.residentBytes)
        out.begin("process_virtual_memory_bytes", .gauge, isOwn: false, "Address space in use.")
        out.sample(value: process.virtualBytes)
        out.begin("process_open_fds", .gauge, isOwn: false, "Open file descriptors.")
        out.sample(value: process.openDescriptors)
        out.begin("process_max_fds", .gauge, isOwn: false, "Most file descriptors that may be open.")
        out.sample(value: process.maximumDescriptors)
        out.begin("process_start_time_seconds", .gauge, isOwn: false, "When the process was started, since 1970.")
        out.sample(nanoseconds: process.startTime)
    }
}
