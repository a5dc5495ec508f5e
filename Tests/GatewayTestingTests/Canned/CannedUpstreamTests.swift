import Glibc
import Testing

@testable import GatewayTesting

/// `canned-upstream` as the benchmarks start it.
@Suite
struct CannedUpstreamTests {
    private func withUpstream(_ arguments: [String], _ body: (UInt16, ChildProcess) throws -> Void) throws {
        let process = try ChildProcess(BuiltProduct.path("canned-upstream"), arguments)
        let port = try process.waitForLine(prefix: "canned-upstream listening on 127.0.0.1:")
        try body(try #require(UInt16(port)), process)
        #expect(try process.terminate() == .code(0))
    }

    private func temporary(_ bytes: [UInt8]) throws -> String {
        var path = Array("/tmp/canned-XXXXXX\0".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        close(descriptor)
        let name = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try FileBytes.write(bytes, to: name)
        return name
    }

    @Test(arguments: [0, 1, 2043, 2044, 16_379, 16_380, 700_000])
    func answersWithTheFramedFile(size: Int) throws {
        let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = try temporary(message)
        defer { unlink(file) }
        try withUpstream(["--answer", "/t.S/Get=\(file)"]) { port, _ in
            let client = try HTTP2TestClient(port: port)
            let streams = (0..<3).map { _ in client.request("/t.S/Get", message: [1, 2]) }
            for stream in streams {
                let events = client.finish(stream)
                let body = events.reduce(into: [UInt8]()) { body, event in
                    if case .data(_, let bytes, _) = event { body += bytes }
                }
                #expect(GRPCFrame.decode(body) == [message])
                let fields: HeaderList = [":status": "200", "content-type": "application/grpc"]
                #expect(events.first == .headers(stream: stream, fields, endStream: false))
                #expect(events.last == .headers(stream: stream, ["grpc-status": "0"], endStream: true))
            }
        }
    }

    @Test
    func failsAsTold() throws {
        let file = try temporary(ProtobufFixture.status(5, "gone"))
        defer { unlink(file) }
        try withUpstream(["--status", "/t.S/Miss=5,no%20such,\(file)", "--status", "/t.S/Bare=14"]) { port, _ in
            let client = try HTTP2TestClient(port: port)
            let base: HeaderList = [":status": "200", "content-type": "application/grpc"]
            let miss: HeaderList = [
                "grpc-status": "5", "grpc-message": "no%20such", "grpc-status-details-bin": "CAUSBGdvbmU",
            ]
            for (path, fields) in [
                ("/t.S/Miss", miss), ("/t.S/Bare", ["grpc-status": "14"]), ("/t.S/Other", ["grpc-status": "12"]),
            ] as [(String, HeaderList)] {
                let stream = client.request(path)
                #expect(client.finish(stream) == [.headers(stream: stream, base + fields, endStream: true)])
            }
        }
    }

    @Test
    func survivesClientsThatLeaveInTheMiddle() throws {
        let file = try temporary([UInt8](repeating: 1, count: 3_000_000))
        defer { unlink(file) }
        try withUpstream(["--answer", "/t.S/Get=\(file)"]) { port, process in
            let before = try #require(ProcessUsage(pid: process.pid)).openDescriptors
            for _ in 0..<20 {
                let client = try HTTP2TestClient(port: port)
                let stream = client.request("/t.S/Get")
                client.run { events in
                    events.contains {
                        if case .data = $0 { return true }
                        return false
                    }
                }
                client.reset(stream, .cancel)
            }
            let client = try HTTP2TestClient(port: port)
            #expect(client.finish(client.request("/t.S/Nothing")).count == 1)
            // One connection more than at the start: none of the twenty is left.
            let now = try #require(ProcessUsage(pid: process.pid)).openDescriptors
            #expect(now == before + 1)
        }
    }

    @Test
    func refusesWhatItDoesNotUnderstand() throws {
        for arguments in [["--listen", "0.0.0.0:1"], ["--answer", "nonsense"], ["--status", "/t.S/M=x"]] {
            let process = try ChildProcess(BuiltProduct.path("canned-upstream"), arguments)
            #expect(try process.waitForExit() == .code(64))
        }
        let process = try ChildProcess(BuiltProduct.path("canned-upstream"), ["--answer", "/t.S/M=/no/such/file"])
        #expect(try process.waitForExit() == .code(1))
        #expect(process.transcript.contains("/no/such/file"))
    }
}
