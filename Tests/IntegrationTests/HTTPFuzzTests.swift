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

    /// Answers that are never the gateway's fault: what upstream said, an unknown version, a deadline that was asked for.
    private static func isExcused(_ status: Int, _ request: [UInt8]) -> Bool {
        if status == 504 { return String(decoding: request, as: UTF8.self).lowercased().contains("grpc-timeout") }
        return status < 500 || [501, 505].contains(status)
    }

    /// A good request, which makes the end of most.
    private static let end = Array("\r\n\r\nGET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)

    private struct Attempt {
        let seed: UInt64
        let bytes: [UInt8]
        let client: RawHTTPClient
    }

    /// Sends mutated requests in two pieces each, the second ones when all first ones are on their way.
    private func begin(_ seeds: [UInt64], _ gateway: GatewayProcess) throws -> [Attempt] {
        let attempts = try seeds.map { seed in
            var mutator = RequestMutator(seed: seed)
            return Attempt(seed: seed, bytes: mutator.next(), client: try gateway.client())
        }
        // The same place for the same seed; for half of them there is only one piece.
        let cut = { (attempt: Attempt) in attempt.seed % 2 == 0 ? 0 : Int(attempt.seed >> 1) % (attempt.bytes.count + 1)
        }
        // A server that has closed refuses the rest; its answer is there all the same.
        for attempt in attempts where cut(attempt) > 0 {
            try? attempt.client.send(Array(attempt.bytes[..<cut(attempt)]))
        }
        for attempt in attempts { try? attempt.client.send(attempt.bytes[cut(attempt)...] + HTTPFuzzTests.end) }
        return attempts
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
                // An interim answer is one more: what it asks for may never come.
                let response = try client.readResponse(includingInterim: true)
                guard HTTPFuzzTests.isExcused(response.status, attempt.bytes) else { return "\(response)" }
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
        let stack = try CannedStack()
        let gateway = stack.gateway
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
            if next % 100_000 == 0 { print("\(next) mutated requests") }
            let attempts = try begin(batch, gateway)
            let deadline = MonotonicTime.now.advanced(by: .milliseconds(50))
            for attempt in attempts {
                guard let failure = failure(of: attempt, by: deadline) else { continue }
                let text = String(decoding: attempt.bytes, as: UTF8.self).debugDescription
                Issue.record("FUZZ_HTTP_SEED=\(attempt.seed): \(failure)\n\(text.prefix(only == nil ? 2000 : .max))")
                failures += 1
            }
        }
        #expect(try gateway.get("/v1/jobs/a").json["id"] == "a")
        try stack.stop()
    }
}
