import EventLoop
import GRPCChannel
import InMemoryLogging
import Logging
import RPCCore
import Testing

@testable import Gateway

@Suite
struct UpstreamLogTests {
    private func report(_ state: ConnectivityState, note: String? = nil) -> HealthReport {
        let address = UpstreamState.Address(address: "10.0.0.1:1", state: state, note: note)
        let upstream = UpstreamState(target: "http://ml:1", state: state, addresses: [address])
        return HealthReport(workers: [HealthBoard.Report(canServe: true, upstreams: [upstream])], isStopping: false)
    }

    private static let failed = ConnectivityState.transientFailure(retryAt: .never)

    @Test
    func comingAndGoingIsToldOnce() {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        let time = Locked<UInt64>(0)
        let log = UpstreamLog(logger) { time.withLock { $0 } }
        func pass(_ seconds: UInt64) { time.withLock { $0 += seconds * 1_000_000_000 } }

        log.update(report(.connecting))
        log.update(report(.ready))
        log.update(report(.ready))
        log.update(report(Self.failed, note: "connection refused"))
        log.update(report(.connecting))
        log.update(report(Self.failed))
        log.update(report(.ready))
        for _ in 0..<10 {
            log.update(report(Self.failed))
            log.update(report(.ready))
        }
        #expect(handler.entries.count == 10)
        pass(61)
        log.update(report(.ready))

        let entries = handler.entries
        #expect(
            entries.prefix(3).map { "\($0.level): \($0.message)" } == [
                "info: the upstream can be reached", "warning: the upstream cannot be reached",
                "notice: the upstream can be reached",
            ]
        )
        #expect(entries.count == 11)
        #expect(entries.last?.metadata["changes_not_logged"] != nil)
        #expect(entries.dropFirst().first?.metadata["reason"] == "connection refused")
    }
}
