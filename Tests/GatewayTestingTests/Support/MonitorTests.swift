import Testing

@testable import GatewayTesting

@Suite
struct MonitorTests {
    @Test
    func wakesWhoeverWaits() throws {
        let monitor = Monitor(0)
        let threads = try (0..<4).map { _ in
            try BackgroundThread { for _ in 0..<1000 { monitor.update { $0 += 1 } } }
        }
        #expect(monitor.wait(for: .seconds(5)) { $0 == 4000 })
        for thread in threads { thread.join() }
        #expect(monitor.read { $0 } == 4000)
    }

    @Test
    func givesUpInTime() {
        let start = MonotonicTime.now
        #expect(!Monitor(0).wait(for: .milliseconds(30)) { $0 == 1 })
        #expect(MonotonicTime.now >= start.advanced(by: .milliseconds(30)))
    }
}
