import GatewayTesting
import Testing

/// A server dies with a hundred calls on it, and another one takes its place.
@Suite
struct KilledUpstreamTests {
    static let scenario = Scenario(
        name: "`kill -9` with 50 submits and 50 reads in flight: all are answered within 5 s; then restarted",
        servers: "grpcio, grpclib, scripted",
        submit: [.fateUnknown],
        read: [.unavailable],
        reached: 1,
        test: "KilledUpstreamTests"
    )

    @Test(.enabled(if: TrainingServer.isInstalled), arguments: TrainingServer.Library.allCases)
    func aServerIsKilled(library: TrainingServer.Library) async throws {
        let reservation = try PortReservation()
        let first = try TrainingServer(library, port: reservation.port)
        let gateway = try GatewayProcess(upstream: first.url, workers: 2, ["--deadline", "60"])
        let (submits, reads) = try await callInFlight(gateway) { first.calls.count == 100 }
        let killed = MonotonicTime.now
        try first.kill()
        try expectAnswers(submits, reads, since: killed)
        #expect(Set(first.submits) == Set((0..<50).map { "s\($0):late=60" }))
        #expect(first.submits.count == 50)

        let second = try TrainingServer(library, port: reservation.port)
        try await expectService(gateway)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try second.stop()
        // None of the old ones has come along.
        #expect(second.submits.allSatisfy { $0.hasPrefix("new-") })
        #expect(Set(second.submits).count == second.submits.count)
    }

    /// The same without a grace in which a kernel could still send what a process had written.
    @Test
    func everyConnectionIsReset() async throws {
        let reservation = try PortReservation()
        let first = try ScriptedUpstream(port: reservation.port)
        first.on(MLTraining.submit, .silence)
        first.on(MLTraining.getJob, .silence)
        let gateway = try GatewayProcess(first, workers: 2, ["--deadline", "60"])
        let (submits, reads) = try await callInFlight(gateway) { first.requests.count { $0.isComplete } == 100 }
        let killed = MonotonicTime.now
        first.perform(.abort)
        first.stop()
        try expectAnswers(submits, reads, since: killed)
        #expect(Set(first.requests(for: MLTraining.submit).map(\.messages)).count == 50)
        #expect(first.requests(for: MLTraining.submit).count == 50)

        let second = try ScriptedUpstream(port: reservation.port)
        second.on(MLTraining.submit, .emptyAnswer)
        second.on(MLTraining.getJob, .emptyAnswer)
        try await expectService(gateway)
        let names = second.requests(for: MLTraining.submit).flatMap(\.messages)
        #expect(names.allSatisfy { String(decoding: $0, as: UTF8.self).contains("new-") })
        #expect(Set(names).count == names.count)
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        second.stop()
    }

    // MARK: Parts

    private func callInFlight(_ gateway: GatewayProcess, _ haveArrived: () -> Bool) async throws -> (Crowd, Crowd) {
        let submits = try Crowd(50, of: gateway)
        let reads = try Crowd(50, of: gateway)
        try submits.submit { "s\($0):late=60" }
        try reads.get { "r\($0):late=60" }
        try await eventually("all calls have arrived", haveArrived)
        return (submits, reads)
    }

    private func expectAnswers(_ submits: Crowd, _ reads: Crowd, since killed: MonotonicTime) throws {
        let views = (submit: try submits.answers(), read: try reads.answers())
        #expect(MonotonicTime.now < killed.advanced(by: .seconds(5)))
        #expect(views.submit.allSatisfy(Self.scenario.submit.contains), "\(Set(views.submit))")
        #expect(views.read.allSatisfy(Self.scenario.read.contains), "\(Set(views.read))")
    }

    /// Each worker finds the new server, and then serves.
    private func expectService(_ gateway: GatewayProcess) async throws {
        var number = 0
        try await eventually("submits succeed again", within: .seconds(10), every: .milliseconds(50)) {
            let crowd = try Crowd(10, of: gateway)
            number += 1
            try crowd.submit { "new-\(number)-\($0)" }
            return try crowd.answers().allSatisfy { $0 == .ok }
        }
        let reads = try Crowd(10, of: gateway)
        try reads.get { "new-\($0)" }
        #expect(try reads.answers().allSatisfy { $0 == .ok })
    }
}
