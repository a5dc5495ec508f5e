import Bytes
import Compression
import GatewayTesting
import Testing

/// All that clients do to a gateway, in rounds, by a bounded number of them.
struct SoakTraffic {
    /// A client that sends a byte of its request a round.
    private struct SlowClient {
        let client: RawHTTPClient
        var rest: ArraySlice<UInt8>
    }

    private static let read = "GET /v1/jobs/a HTTP/1.1\r\nHost: soak\r\nAccept-Encoding: gzip\r\n\r\n"
    private static let end = "\r\n\r\nGET /end HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\r\n"
    /// Rounds after which a request that never comes to its end is looked at: the gateway gives its header ten seconds.
    private static let patience = 1000

    private let canned: GatewayProcess
    private let feed: GatewayProcess
    private var kept: [RawHTTPClient] = []
    private var slow: [SlowClient] = []
    private var stalled: [(client: RawHTTPClient, since: Int)] = []
    private let gzipped: [UInt8]
    private(set) var rounds = 0
    private(set) var requests = 0

    /// `canned` serves the ML training API, whose methods answer at once, `feed` serves `feed.proto` as ``script(_:)`` has it.
    init(canned: GatewayProcess, feed: GatewayProcess) throws {
        self.canned = canned
        self.feed = feed
        var output = ByteBuffer()
        let encoder = try #require(GzipEncoder())
        let body = Array(#"{"modelName": "\#(String(repeating: "m", count: 5000))"}"#.utf8)
        #expect(body.withUnsafeBytes { encoder.encode($0, into: &output) })
        gzipped = Array(output.bytes)
        for _ in 0..<6 { kept.append(try canned.client()) }
        for _ in 0..<10 { slow.append(try slowClient()) }
    }

    /// What the upstream of the feed does: of everything that is called `hold`, there is no end.
    static func script(_ upstream: ScriptedUpstream) {
        let events: [Script.Step] = (0..<3).map { .message(FeedStack.event("\($0)")) }
        upstream.on("/feed.v1.Feed/Watch") { request in
            MLTraining.id(in: request) == "hold"
                ? [.grpcHeaders(), .message(FeedStack.event("first"))]
                : Script([.grpcHeaders()] + events + [.grpcTrailers()])
        }
        let file = FeedStack.httpBody("application/octet-stream", [UInt8](repeating: 7, count: 256 << 10))
        upstream.on("/feed.v1.Feed/GetFile") { MLTraining.id(in: $0) == "hold" ? .silence : .answer(file) }
    }

    mutating func round() throws {
        try reads()
        try writes()
        try errors()
        try newConnections()
        try slowOnes()
        if rounds % 4 == 0 { try streams() }
        rounds += 1
    }

    /// Ends all that is open.
    mutating func close() {
        kept = []
        slow = []
        stalled = []
    }

    // MARK: Parts of a round

    private mutating func expect(_ status: Int, _ response: RawHTTPResponse) throws {
        requests += 1
        try #require(response.status == status, "\(response)")
    }

    /// Pipelined, on connections that stay.
    private mutating func reads() throws {
        for client in kept { try client.send(String(repeating: SoakTraffic.read, count: 5)) }
        for client in kept {
            for _ in 0..<5 { try expect(200, try client.readResponse()) }
        }
        let tag = try #require(try kept[0].get("/v1/jobs/a")["etag"])
        try expect(304, try kept[0].get("/v1/jobs/a", headers: ["If-None-Match": tag]))
        try expect(200, try kept[1].get("/v1/jobs?organizationId=o&status=in_progress"))
    }

    private mutating func writes() throws {
        for client in kept.prefix(2) {
            try expect(201, try client.post("/v1/jobs", json: #"{"modelName": "m", "tags": ["a", "b"]}"#))
            let headers: HeaderList = ["Content-Encoding": "gzip"]
            try expect(201, try client.request("POST", "/v1/jobs", headers: headers, body: gzipped))
            let chunked: HeaderList = ["Transfer-Encoding": "chunked", "Expect": "100-continue"]
            let other = try canned.client()
            try expect(
                201,
                try other.request("POST", "/v1/jobs", headers: chunked, body: Array("2\r\n{}\r\n0\r\n\r\n".utf8))
            )
        }
    }

    private mutating func errors() throws {
        let client = kept[2]
        try expect(404, try client.get("/nope"))
        try expect(405, try client.request("PUT", "/v1/jobs/a"))
        try expect(400, try client.post("/v1/jobs", json: #"{"modelNam": "m", "tags": 1}"#))
        try expect(415, try client.post("/v1/jobs", json: "{}", headers: ["Content-Type": "text/plain"]))
        try expect(406, try client.get("/v1/jobs/a", headers: ["Accept": "text/html"]))
        try expect(501, try client.get("/v1/containers"))
        try expect(413, try canned.client().request("POST", "/v1/jobs", headers: ["Content-Length": "9999999"]))
    }

    private mutating func newConnections() throws {
        try expect(200, try canned.client().get("/v1/jobs/a", headers: ["Connection": "close"]))
        for number in 0..<4 {
            var mutator = RequestMutator(seed: UInt64(rounds * 4 + number))
            let client = try canned.client()
            try? client.send(mutator.next() + Array(SoakTraffic.end.utf8))
            client.shutdownSending()
            _ = try? client.readToEnd()
            requests += 1
        }
        // Gone within the header, before the answer, within the body.
        for text in [
            String(SoakTraffic.read.dropLast(9)), SoakTraffic.read,
            "POST /v1/jobs HTTP/1.1\r\nHost: soak\r\nContent-Length: 90000\r\n\r\n"
                + String(repeating: " ", count: 40_000),
        ] {
            let client = try canned.client()
            try client.send(text)
            client.abort()
            requests += 1
        }
    }

    private func slowClient() throws -> SlowClient {
        SlowClient(client: try canned.client(timeout: .seconds(20)), rest: Array(SoakTraffic.read.utf8)[...])
    }

    private mutating func slowOnes() throws {
        for index in slow.indices {
            // A connection that the gateway found too slow is closed by now.
            let isSent = (try? slow[index].client.send([slow[index].rest.removeFirst()])) != nil
            if isSent, !slow[index].rest.isEmpty { continue }
            if isSent, let response = try? slow[index].client.readResponse() {
                #expect([200, 408].contains(response.status))
                requests += 1
            }
            slow[index] = try slowClient()
        }
        if rounds % 20 == 0 {
            let client = try canned.client()
            try client.send("GET /v1/jobs/a HTTP/1.1\r\nHost:")
            stalled.append((client, rounds))
        }
        if let first = stalled.first, rounds - first.since > SoakTraffic.patience { stalled.removeFirst() }
    }

    private mutating func streams() throws {
        let client = try feed.client()
        try expect(200, try client.get("/v1/events?topic=t"))
        try expect(200, try client.get("/v1/events?topic=t", headers: ["Accept": "text/event-stream"]))
        let file = try client.get("/v1/files/large")
        try expect(200, file)
        try #require(file.body.count == 256 << 10)
        // Read up to the first message, then left; left while there is no answer; left within a large answer.
        let stream = try feed.client()
        try stream.sendRequest("GET", "/v1/events?topic=hold")
        try expect(200, try stream.readHead())
        try #require(try stream.readChunk() != nil)
        for target in ["/v1/files/hold", "/v1/files/large"] {
            let client = try feed.client()
            try client.sendRequest("GET", target)
            if target.hasSuffix("large") { _ = try client.readSome() }
            client.abort()
            requests += 1
        }
    }
}
