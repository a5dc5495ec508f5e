import Foundation
import GatewayTesting
import Testing

/// Mutated requests over real sockets: every answer is well-formed HTTP and none says that the gateway is at a loss.
///
/// `FUZZ_HTTP_REQUESTS` says how many (`make fuzz-http`: a million). A failure names its `FUZZ_HTTP_SEED`, with which in
/// the environment that one request is sent alone.
@Suite
struct HTTPFuzzTests {
    /// Requests under way at once.
    private static let batch = 400

    /// Answers that are never the gateway's fault: what upstream said, that it is not there, an unknown version.
    private static func isExcused(_ status: Int) -> Bool { status < 500 || [501, 503, 505].contains(status) }

    private struct Attempt {
        let seed: UInt64
        let client: RawHTTPClient
    }

    /// Sends a mutated request, and a good one behind it that makes the end of most.
    private func begin(seed: UInt64, _ gateway: GatewayProcess) throws -> Attempt {
        var mutator = RequestMutator(seed: seed)
        let client = try gateway.client()
        // A server that has closed refuses the rest; its answer is there all the same.
        try? client.send(
            mutator.next() + Array("\r\n\r\nGET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
        )
        return Attempt(seed: seed, client: client)
    }

    /// Reads all answers; says what is wrong with them, if anything is.
    private func failure(of attempt: Attempt, by deadline: MonotonicTime) -> String? {
        let client = attempt.client
        var hasEnded = false
        while true {
            let left = hasEnded ? .seconds(10) : Duration.milliseconds(Int(deadline.millisecondsLeft))
            if !client.hasInput(within: left) {
                guard !hasEnded else { return "still open after its end" }
                // It waits for the rest of a body.
                client.shutdownSending()
                hasEnded = true
                continue
            }
            do throws(RawHTTPError) {
                let response = try client.readResponse()
                guard HTTPFuzzTests.isExcused(response.status) else { return "\(response)" }
            } catch .closed(received: "") {
                return nil
            } catch .reset {
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    @Test
    func everyAnswerIsWellFormed() throws {
        let folder = try TemporaryFolder()
        try Data(MLTraining.job(id: "a")).write(to: URL(fileURLWithPath: folder.path + "/job"))
        let upstream = try ChildProcess(
            BuiltProduct.path("canned-upstream"),
            ["--answer", "\(MLTraining.getJob)=\(folder.path)/job"]
        )
        let address = try upstream.waitForLine(prefix: "canned-upstream listening on ")
        let gateway = try GatewayProcess(upstream: "http://\(address)", workers: 2)
        let count = Environment["FUZZ_HTTP_REQUESTS"].flatMap { UInt64($0) } ?? 20_000
        let only = Environment["FUZZ_HTTP_SEED"].flatMap { UInt64($0) }
        // The same half of the requests in each run, and another one.
        let varying = UInt64.random(in: 0...UInt64.max)
        let seeds = only.map { [$0] } ?? []
        var failures = 0
        var next: UInt64 = 0
        while failures < 5, next < (only == nil ? count : 1) {
            let size = min(UInt64(HTTPFuzzTests.batch), count - next)
            let batch = only == nil ? (next..<next + size).map { $0 % 2 == 0 ? $0 : varying &+ $0 } : seeds
            next += size
            let attempts = try batch.map { try begin(seed: $0, gateway) }
            let deadline = MonotonicTime.now.advanced(by: .milliseconds(50))
            for attempt in attempts {
                guard let failure = failure(of: attempt, by: deadline) else { continue }
                var mutator = RequestMutator(seed: attempt.seed)
                let text = String(decoding: mutator.next(), as: UTF8.self).debugDescription
                Issue.record("FUZZ_HTTP_SEED=\(attempt.seed): \(failure)\n\(text.prefix(2000))")
                failures += 1
            }
        }
        #expect(try gateway.get("/v1/jobs/a").json["id"] == "a")
        #expect(try gateway.stop() == .code(0), "\(gateway.process.transcript)")
        try upstream.terminate()
    }
}
