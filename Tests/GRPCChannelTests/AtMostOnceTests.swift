import GRPCChannel
import GatewayTesting
import RPCCore
import Synchronization
import Testing

/// Whatever goes wrong, a call that is not safe to repeat reaches an application at most once.
@Suite
struct AtMostOnceTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Whether the application gets to see the request, or only the HTTP/2 library before it.
        let isSeen: Bool
        /// The last stream that the connection serves from then on.
        let lastStream: @Sendable (RecordedRequest) -> Int32
        let script: @Sendable (RecordedRequest) -> Script

        init(
            _ name: String,
            isSeen: Bool = true,
            lastStream: @escaping @Sendable (RecordedRequest) -> Int32 = { _ in .max },
            _ script: @escaping @Sendable (RecordedRequest) -> Script
        ) {
            testDescription = name
            self.isSeen = isSeen
            self.lastStream = lastStream
            self.script = script
        }

        /// GOAWAY whose last stream is that of the request, then `ending`.
        static func goAway(_ name: String, _ code: HTTP2ErrorCode, then ending: Script) -> Fault {
            Fault(name, lastStream: \.stream) { [.goAway(lastStream: $0.stream, code)] + ending }
        }
    }

    /// What the application of one server has seen: a server keeps its word and serves nothing above GOAWAY's last stream.
    private struct Application {
        var seen: [[UInt8]: Int] = [:]
        var faultsMet = 0
        var lastStreams: [String: Int32] = [:]

        mutating func serve(_ request: RecordedRequest, of server: Int, _ fault: Fault, times: Int) -> Script {
            let connection = "\(server)/\(request.connection)"
            guard request.stream <= lastStreams[connection, default: .max] else { return .silence }
            faultsMet += 1
            guard faultsMet <= times else {
                seen[request.messages.first ?? [], default: 0] += 1
                return .answer([1])
            }
            lastStreams[connection] = fault.lastStream(request)
            if fault.isSeen { seen[request.messages.first ?? [], default: 0] += 1 }
            return fault.script(request)
        }
    }

    static let faults: [Fault] =
        (0...13).filter { $0 != 7 }.map { (code: UInt32) in
            Fault("RST_STREAM \(code)") { _ in [.reset(HTTP2ErrorCode(rawValue: code))] }
        } + (1...16).map { code in Fault("grpc-status \(code)") { _ in .status(code) } } + [
            Fault("REFUSED_STREAM", isSeen: false) { _ in [.reset(.refusedStream)] },
            Fault("REFUSED_STREAM after headers") { _ in [.grpcHeaders(), .reset(.refusedStream)] },
            Fault("pushback") { _ in .status(14, headers: ["grpc-retry-pushback-ms": "0"]) },
            Fault("UNAVAILABLE after headers") { _ in [.grpcHeaders(), .grpcTrailers(14)] },
            Fault("HTTP 503") { _ in .http(503) },
            Fault("HTTP 503 without a body") { _ in [.trailers([":status": "503"])] },
            Fault("closed") { _ in [.close] },
            Fault("aborted") { _ in [.abort] },
            Fault("closed after headers") { _ in [.grpcHeaders(), .close] },
            Fault("aborted in the message") { _ in [.grpcHeaders(), .message([1], length: 100), .abort] },
            .goAway("GOAWAY, then silence", .noError, then: .silence),
            .goAway("GOAWAY, then closed", .noError, then: [.close]),
            .goAway("GOAWAY, then aborted", .noError, then: [.abort]),
            .goAway("too many pings", .enhanceYourCalm, then: [.close]),
            Fault("graceful GOAWAY, then aborted") { _ in [.goAway(), .abort] },
            Fault("GOAWAY below", isSeen: false, lastStream: { _ in 0 }) { _ in [.goAway(lastStream: 0)] },
            Fault("GOAWAY below, then aborted", isSeen: false, lastStream: { _ in 0 }) { _ in
                [.goAway(lastStream: 0), .abort]
            },
            Fault("not HTTP/2") { _ in [.raw { _ in [UInt8](repeating: 255, count: 64) }] },
            Fault("message cut off") { _ in [.grpcHeaders(), .message([1], length: 100), .grpcTrailers(0)] },
            Fault("no message") { _ in [.grpcHeaders(), .grpcTrailers(0)] },
            Fault("silence") { _ in .silence },
        ]

    /// Two servers, the first calls on each meet the fault, and everything after that would succeed.
    @Test(arguments: AtMostOnceTests.faults, [1, 6])
    func aSubmitReachesTheApplicationAtMostOnce(fault: Fault, faults: Int) throws {
        let application = Mutex(Application())
        let upstreams = try (0..<2).map { _ in try ScriptedUpstream() }
        defer { upstreams.forEach { $0.stop() } }
        for (index, upstream) in upstreams.enumerated() {
            upstream.on("/s/Submit") { request in
                application.withLock { $0.serve(request, of: index, fault, times: faults) }
            }
        }
        let client = try TestClient(targets: upstreams.map { "http://\($0.address)" }) {
            $0.retry.maxAttempts = 5
            $0.retry.maxTokens = 1000
            $0.retry.initialBackoff = 1
        }
        client.channel.connect()
        #expect(client.run { upstreams.allSatisfy { $0.connections.contains(where: \.isSettingsAcknowledged) } })
        let calls = (0..<12).map { client.start("/s/Submit", [UInt8($0)], timeout: .milliseconds(150)) }
        #expect(client.finish(calls))
        let counts = application.withLock { $0.seen }
        #expect(counts.values.allSatisfy { $0 == 1 })
        for (index, call) in calls.enumerated() {
            #expect(call.closeCount == 1)
            // What an application has seen is never reported as if none could have.
            if counts[[UInt8(index)]] != nil, call.code != .ok { #expect(call.outcome?.reach == .mayHaveRun) }
            if call.code == .ok { #expect(counts[[UInt8(index)]] == 1) }
        }
    }
}
