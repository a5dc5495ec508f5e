import GatewayTesting
import Glibc
import Testing

/// `make soak`: mixed traffic for `SOAK_SECONDS`, after which the gateway must be as it was.
@Suite(.enabled(if: Environment["SOAK_SECONDS"] != nil))
struct SoakTests {
    /// What resident memory may grow by, from its first third to its last, of either gateway.
    ///
    /// Ten minutes are 300,000 requests at least on two cores that others use as well, and 90,000 connections. The smallest
    /// thing that malloc gives is 32 bytes, so a leak in each request is 9 MiB, and one in each connection nearly 3. The
    /// allocator itself moves by some hundred KiB, as requests of different sizes meet in its heaps.
    private static let bound = 2.0 * 1024 * 1024

    private struct Subject {
        let name: String
        let gateway: GatewayProcess
        var series = MemorySeries()
        var start: ProcessUsage

        init(_ name: String, _ gateway: GatewayProcess) throws {
            self.name = name
            self.gateway = gateway
            start = try SoakTests.usage(gateway)
        }
    }

    private static func usage(_ gateway: GatewayProcess) throws -> ProcessUsage {
        try #require(ProcessUsage(pid: gateway.process.pid), "\(gateway.process.transcript)")
    }

    @Test
    func memoryAndDescriptorsStayAsTheyAre() async throws {
        let seconds = Double(Environment["SOAK_SECONDS"] ?? "") ?? 600
        let id = String(repeating: "a", count: 1500)
        let canned = try CannedStack(answers: [
            MLTraining.getJob: MLTraining.job(id: id),
            MLTraining.submit: ProtobufFixture.message { $0.string(1, "made") },
            MLTraining.service + "/ListTrainingJobs": [],
        ])
        let feed = try FeedStack()
        SoakTraffic.script(feed.upstream)
        var traffic = try SoakTraffic(canned: canned.gateway, feed: feed.gateway)
        // Every buffer has then had its size, and every worker its connection.
        try await run(&traffic, for: seconds / 10) { _ in }
        let warm = traffic
        traffic.close()
        traffic = try SoakTraffic(canned: canned.gateway, feed: feed.gateway)
        var subjects = try [Subject("canned", canned.gateway), Subject("feed", feed.gateway)]
        var next = 0.0
        try await run(&traffic, for: seconds) { elapsed in
            guard elapsed >= next else { return }
            next += max(seconds / 200, 1)
            for index in subjects.indices {
                subjects[index].series.append(try SoakTests.usage(subjects[index].gateway), at: elapsed)
            }
        }
        traffic.close()
        report(subjects, traffic, warmUp: warm.requests, seconds)
        for subject in subjects {
            #expect(subject.series.growth < SoakTests.bound, "\(subject.name)")
            #expect(subject.series.climb < SoakTests.bound, "\(subject.name)")
            try await eventually("\(subject.name) has as many descriptors as before", within: .seconds(30)) {
                try SoakTests.usage(subject.gateway).openDescriptors <= subject.start.openDescriptors
            }
        }
        try canned.stop()
        try feed.stop()
    }

    /// Makes rounds, each followed by a rest as long as itself: other processes of the machine want to live too.
    private func run(
        _ traffic: inout SoakTraffic,
        for seconds: Double,
        _ look: (_ elapsed: Double) throws -> Void
    ) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        while true {
            let begin = clock.now
            let elapsed = (begin - start) / .seconds(1)
            if elapsed > seconds { return }
            try traffic.round()
            try look(elapsed)
            try await Task.sleep(for: max(clock.now - begin, .milliseconds(20)))
        }
    }

    private func report(_ subjects: [Subject], _ traffic: SoakTraffic, warmUp: Int, _ seconds: Double) {
        print(
            "soak: \(traffic.requests) requests in \(traffic.rounds) rounds, \(Int(seconds)) s; \(warmUp) before to warm up"
        )
        print("seconds  " + subjects.map { "\($0.name): KiB, descriptors" }.joined(separator: "  "))
        let count = subjects.map(\.series.samples.count).min() ?? 0
        for index in stride(from: 0, to: count, by: max(count / 20, 1)) {
            let samples = subjects.map { $0.series.samples[index] }
            print(
                "\(Int(samples[0].seconds))  "
                    + samples.map { "\($0.residentBytes / 1024), \($0.openDescriptors)" }.joined(separator: "  ")
            )
        }
        for subject in subjects {
            print(
                "\(subject.name): last third - first third \(Int(subject.series.growth / 1024)) KiB, "
                    + "line climbs \(Int(subject.series.climb / 1024)) KiB"
            )
        }
    }
}
