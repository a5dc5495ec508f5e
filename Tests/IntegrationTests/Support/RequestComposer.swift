import Bytes
import Compression
import GatewayTesting

/// Puts requests together of parts that are in order each, if not always together.
struct RequestComposer {
    private static let methods = [
        "GET", "GET", "GET", "POST", "POST", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "TRACE", "get", "M-SEARCH",
    ]

    private static let targets = [
        "/v1/jobs/a", "/v1/jobs/a", "/v1/jobs", "/v1/jobs", "/v1/jobs/a:cancel", "/v1/jobs/a/logs?page_token=%2F",
        "/v1/jobs:submitCustom",
        "/v1/organizations/o/jobs", "/v1/jobs?organization_id=x&status=2&status=3", "/v1/containers",
        "/v1/jobs/%F0%9F%98%80",
        "/v1/jobs/%ff", "/v1/jobs/%2e%2e/a", "/v1/jobs/../a", "//v1/jobs", "/v1/jobs/", "/", "*", "/nope",
        "/v1/jobs?a[b]=c&&=&=%",
        "/viam.app.mltraining.v1.MLTrainingService/GetTrainingJob", "http://a/v1/jobs/a", "HTTPS://[::1]:1/v1/jobs?",
        "http://a",
        "/v1/jobs/a%3Acancel", "/v1/jobs?status=TRAINING_STATUS_FAILED&organizationId=a&organization_id=a",
    ]

    private static let fields = [
        "If-None-Match: *", #"If-None-Match: "a", W/"b" ,, "c,d""#, #"If-None-Match: W/"unclosed"#,
        "Accept-Encoding: gzip", "Accept-Encoding: gzip;q=0.001, *;q=0, identity;q=0",
        "Accept-Encoding: ,;q=2;=,gzip;q=x",
        "Accept: text/html, */*;q=0", "Accept: application/json;charset=utf-8;q=1.0000", "Accept: ;;,,/;q", "Accept:",
        "Accept: application/problem+json, text/event-stream", "Origin: https://app.example.com", "Origin: null",
        "Origin: https://a.example.org, https://b", "Access-Control-Request-Method: DELETE",
        "Access-Control-Request-Method: ",
        "Access-Control-Request-Headers: a,,b, Content-Type,grpc-metadata-x",
        "Access-Control-Request-Private-Network: true",
        "Expect: 100-continue", "Expect: 100-Continue, x", "Expect: ", "Connection: keep-alive", "Connection: close, x",
        "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__",
        "TE: trailers, deflate;q=0.5",
        "Range: bytes=0-", "Cookie: a=b; c=\"d\"; ;;=", "Cookie: ", "Authorization: Basic Og==",
        "Authorization: Bearer ",
        "Authorization: Bearer a, Basic b", "Grpc-Timeout: 5S", "Grpc-Timeout: 99999999H", "Grpc-Timeout: 123456789S",
        "Grpc-Metadata-X: a\tb", "Grpc-Metadata-X-Bin: AAEC", "Grpc-Metadata-X-Bin: %%%", "Grpc-Metadata-: a",
        "Grpc-Metadata-Grpc-Status: 0", "X-Request-Id: \u{E9}", "X-Forwarded-For: 1.2.3.4, unknown",
        "X-Forwarded-Host: a, b",
        "Forwarded: for=\"[::1]:80\";proto=https, for=_x",
        "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "Content-Type: application/json; charset=\"utf-8\"", "Content-Type: text/plain", "Content-Type: ",
        "Content-Type: application/grpc",
        "Content-Encoding: identity", "Content-Encoding: gzip, gzip", "Content-Encoding: br",
        "Sec-Fetch-Site: cross-site",
        "X-Http-Method-Override: DELETE", "Prefer: respond-async", "Max-Forwards: 0", "Keep-Alive: timeout=5",
    ]

    private static let bodies = [
        "", "{}", #"{"id": "a"}"#, #"{"modelName": "m", "tags": ["a", "b"], "organizationId": "\ud83d\ude00"}"#,
        #"{"tags": [[[[[[[[[[[[[[[["#, #"{"a": 1e999}"#, "[]", "null", #"{"id":"a"}{"id":"b"}"#, "\u{FEFF}{}",
        #"{"id": "\u0000"}"#,
        "GET /v1/jobs/inner HTTP/1.1\r\nHost: x\r\n\r\n", "0\r\n\r\n",
    ]

    /// Bytes of a header block at which something changes: the target's limit, what the gateway takes, what libmicrohttpd
    /// has room for.
    private static let limits = [8192, 14_336, 16_384, 32_768]

    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func next() -> [UInt8] {
        let version = chance(8) ? "HTTP/1.0" : "HTTP/1.1"
        var target = pick(RequestComposer.targets)
        if chance(30) { target += "?" + String(repeating: "a=&", count: Int.random(in: 2700...2800, using: &random)) }
        if chance(60) { target += "?" + RequestComposer.run(of: "%", count: Int.random(in: 1...5000, using: &random)) }
        var head = "\(pick(RequestComposer.methods)) \(target) \(version)\r\n"
        var lines = ["Host: " + pick(["a", "a:80", "[::1]", "example.com:8080", ""])]
        for _ in 0..<Int.random(in: 0...6, using: &random) { lines.append(pick(RequestComposer.fields)) }
        let (framing, body) = framedBody()
        if !framing.isEmpty { lines.append(framing) }
        lines.shuffle(using: &random)
        head += lines.map { $0 + "\r\n" }.joined()
        if chance(8) { pad(&head) }
        return Array((head + "\r\n").utf8) + body
    }

    /// Quicker than `String(repeating:count:)` where nothing is optimized.
    private static func run(of letter: Unicode.Scalar, count: Int) -> String {
        String(decoding: [UInt8](repeating: UInt8(ascii: letter), count: count), as: UTF8.self)
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func pick(_ texts: [String]) -> String { texts[Int.random(in: 0..<texts.count, using: &random)] }

    /// Brings the header block close to one of ``limits``: by one long value, many short fields, or cookies.
    private mutating func pad(_ head: inout String) {
        let limit = RequestComposer.limits[Int.random(in: 0..<RequestComposer.limits.count, using: &random)]
        let size = limit - head.utf8.count - Int.random(in: -40...80, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: head += String(repeating: "x:\r\n", count: max(0, size / 68))
        case 1: head += "Cookie: " + String(repeating: "a=b; ", count: max(0, size / 70)) + "\r\n"
        default: head += "X-Pad: " + RequestComposer.run(of: "p", count: max(0, size)) + "\r\n"
        }
    }

    // MARK: Bodies

    /// The field that says where a body ends, and the body; neither for a request without.
    private mutating func framedBody() -> (framing: String, body: [UInt8]) {
        var content = Array(pick(RequestComposer.bodies).utf8)
        if chance(40) { content += [UInt8](repeating: 0x20, count: Int.random(in: 1...100_000, using: &random)) }
        var coding = ""
        if chance(5) {
            content = gzip(content)
            coding = "Content-Encoding: gzip\r\n"
        }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return ("", [])
        case 1, 2: return (coding + "Transfer-Encoding: chunked", chunks(content))
        default: return (coding + "Content-Length: \(content.count)", content)
        }
    }

    private mutating func gzip(_ content: [UInt8]) -> [UInt8] {
        // A little that becomes a lot, now and then.
        var bytes = chance(10) ? RequestComposer.bomb : RequestComposer.gzipped(content)
        if chance(4) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
        if chance(4) { bytes += bytes }
        return bytes
    }

    private static let bomb = gzipped([UInt8](repeating: 0x20, count: 6 << 20))

    private static func gzipped(_ content: [UInt8]) -> [UInt8] {
        var output = ByteBuffer()
        guard let encoder = GzipEncoder(), content.withUnsafeBytes({ encoder.encode($0, into: &output) }) else {
            return []
        }
        return Array(output.bytes)
    }

    private mutating func chunks(_ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            let size = chance(2) ? rest.count : Int.random(in: 1...min(rest.count, 20), using: &random)
            let digits = String(size, radix: 16, uppercase: chance(2))
            let zeros = String(repeating: "0", count: chance(8) ? Int.random(in: 0...30, using: &random) : 0)
            bytes += Array((zeros + digits + extensions() + "\r\n").utf8) + rest.prefix(size) + [0x0D, 0x0A]
            rest = rest.dropFirst(size)
        }
        let trailer = chance(5) ? pick(RequestComposer.fields) + "\r\n" : ""
        return bytes + Array(("0" + extensions() + "\r\n" + trailer + "\r\n").utf8)
    }

    private mutating func extensions() -> String {
        guard chance(6) else { return "" }
        guard chance(7) else { return pick([";a", ";a=b", ";a=\"b;\\\"\"", " ;a", ";", "\t"]) }
        return ";" + RequestComposer.run(of: "e", count: Int.random(in: 0...20_000, using: &random))
    }
}
