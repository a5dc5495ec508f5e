import HTTPServer
import RPCCore
import Testing

@testable import Gateway

@Suite
struct WorkerMetricsTests {
    private func count(
        _ route: Int,
        _ method: MethodLabel,
        status: UInt16,
        _ culprit: RequestRecord.Culprit?,
        in metrics: WorkerMetrics
    ) {
        var record = RequestRecord(now: 0)
        record.route = route
        record.settle(at: 1)
        metrics.count(&record, method, status: status, culprit)
    }

    @Test
    func whatIsRegisteredAgainGoesOn() throws {
        let metrics = WorkerMetrics()
        let first = metrics.route("/v1/jobs")
        #expect(first != 0)
        count(first, .get, status: 200, nil, in: metrics)
        // Another pipeline has other routes, and some of the same.
        let other = metrics.route("/v1/other")
        #expect(metrics.route("/v1/jobs") == first)
        count(other, .get, status: 404, .client, in: metrics)
        count(first, .get, status: 200, nil, in: metrics)
        count(first, .head, status: 200, nil, in: metrics)
        count(0, .get, status: 404, .client, in: metrics)

        let series = metrics.snapshot().series
        let counts = series.map { "\($0.route) \($0.method.text) \($0.requests.codes.map(\.count))" }
        #expect(counts == ["/v1/jobs GET [2]", "/v1/other GET [1]", "/v1/jobs HEAD [1]", " GET [1]"])
        #expect(series[1].requests.failures[RequestRecord.Culprit.client.rawValue] == 1)
    }

    @Test
    func phasesAndBytesAreCounted() {
        let metrics = WorkerMetrics()
        var record = RequestRecord(now: 0)
        record.enter(.gateway, at: 200_000)
        record.enter(.send, at: 300_000)
        record.settle(at: 400_000)
        metrics.count(&record, .get, status: 200, nil)
        let snapshot = metrics.snapshot()
        #expect(snapshot.phases.map(\.count) == [1, 1, 0, 0, 0, 1])
        #expect(snapshot.phases[0].sum == 200_000)
    }

    @Test
    func callsAreCountedByMethodAndCode() {
        let metrics = WorkerMetrics()
        let get = metrics.method("a.B/Get")
        let put = metrics.method("a.B/Put")
        #expect(metrics.method("a.B/Get") == get)
        metrics.countCall(of: get, .ok)
        metrics.countCall(of: put, .notFound)
        // A number that gRPC does not have.
        metrics.countCall(of: put, StatusCode(rawValue: 99))
        metrics.countCall(of: put, StatusCode(rawValue: -1))
        let calls = metrics.snapshot().calls
        #expect(calls.count == 2 * WorkerSnapshot.codeCount)
        #expect(calls[0] == 1)
        #expect(calls[WorkerSnapshot.codeCount + 5] == 1)
        #expect(calls[WorkerSnapshot.codeCount + 2] == 2)
    }

    @Test
    func aSnapshotStaysAsItIs() {
        let metrics = WorkerMetrics()
        metrics.countError("X")
        let snapshot = metrics.snapshot()
        metrics.countError("X")
        metrics.countSignIn("ok")
        #expect(snapshot.reasons == ["X": 1])
        #expect(metrics.snapshot().reasons == ["X": 2])
        #expect(metrics.snapshot().signIns == ["ok": 1])
    }
}
