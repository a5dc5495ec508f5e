import Bytes
import GRPCChannel
import HTTPServer
import RPCCore
import Testing

@testable import Gateway

@Suite
struct MetricsReportTests {
    private func lines(_ workers: [WorkerSnapshot], droppedLogLines: UInt64? = nil) -> [String] {
        let text = MetricsReport(workers, ProcessStatistics(), droppedLogLines: droppedLogLines).text()
        return String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func worker(_ requests: [(route: String, MethodLabel, status: UInt16)]) -> WorkerSnapshot {
        let metrics = WorkerMetrics()
        for (route, method, status) in requests {
            var record = RequestRecord(now: 0)
            record.route = metrics.route(route)
            record.settle(at: 1_000_000)
            metrics.count(&record, method, status: status, status < 400 ? nil : .client)
            metrics.countCall(of: metrics.method("a.B\(route)"), status < 400 ? .ok : .notFound)
        }
        return metrics.snapshot()
    }

    @Test
    func workersThatKnowRoutesInAnotherOrderAddUp() {
        let report = lines([
            worker([("/a", .get, 200), ("/b", .post, 201), ("/a", .get, 404)]),
            worker([("/b", .post, 201), ("/a", .get, 200), ("/a", .head, 200)]),
        ])
        let prefix = "mltraining_gateway_requests_total{"
        #expect(
            report.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) } == [
                #"route="/a",method="GET",code="200"} 2"#, #"route="/a",method="GET",code="404"} 1"#,
                #"route="/a",method="HEAD",code="200"} 1"#, #"route="/b",method="POST",code="201"} 2"#,
            ]
        )
        #expect(
            report.contains(#"mltraining_gateway_failed_requests_total{route="/a",method="GET",failed_by="client"} 1"#)
        )
        #expect(report.contains(#"mltraining_gateway_request_duration_seconds_count{route="/a",method="GET"} 3"#))
        #expect(
            report.contains(#"mltraining_gateway_request_duration_seconds_sum{route="/a",method="GET"} 0.003000000"#)
        )
        #expect(report.contains(#"mltraining_gateway_calls_total{grpc_method="a.B/a",grpc_status="OK"} 3"#))
        #expect(report.contains(#"mltraining_gateway_calls_total{grpc_method="a.B/a",grpc_status="NOT_FOUND"} 1"#))
        #expect(report.contains(#"mltraining_gateway_phase_duration_seconds_count{phase="request"} 6"#))
        #expect(report.contains("mltraining_gateway_workers 2"))
    }

    @Test
    func anUpstreamHasANumberOfWorkersForEachState() {
        var workers = [WorkerSnapshot(), WorkerSnapshot()]
        for (index, state) in [ConnectivityState.ready, .transientFailure(retryAt: .never)].enumerated() {
            let address = UpstreamState.Address(address: "10.0.0.1:1", state: state)
            workers[index].upstreams = [UpstreamState(target: "http://ml:1", state: state, addresses: [address])]
        }
        let report = lines(workers)
        for (state, count) in [("idle", 0), ("connecting", 0), ("ready", 1), ("transient_failure", 1)] {
            let labels = #"{upstream="http://ml:1",address="10.0.0.1:1",state="\#(state)"}"#
            #expect(report.contains("mltraining_gateway_upstream_workers\(labels) \(count)"))
        }
    }

    @Test
    func droppedLinesAreThoseOfALog() {
        #expect(!lines([]).contains { $0.contains("access_log") })
        #expect(lines([], droppedLogLines: 5).contains("mltraining_gateway_access_log_lines_dropped_total 5"))
    }

    @Test
    func theProcessIsThisOne() throws {
        let report = lines([])
        func value(_ name: String) throws -> Double {
            let line = try #require(report.first { $0.hasPrefix("\(name) ") })
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(try value("process_open_fds") >= 3)
        #expect(try value("process_max_fds") > value("process_open_fds"))
        #expect(try value("process_start_time_seconds") > 1_600_000_000)
    }
}
