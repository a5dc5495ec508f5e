import GatewayTesting

/// Makes malformed requests out of good ones; the same seed makes the same request.
struct RequestMutator {
    private static let requests: [String] = [
        "GET /v1/jobs/a HTTP/1.1\r\nHost: example.com\r\n\r\n",
        "GET /v1/jobs/a/logs?page_token=x&pageToken=%20+ HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: a:80\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
            + "{\"modelName\": \"m\"}  ",
        "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=\"y\"\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n",
        "DELETE /v1/jobs/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x.y.z\r\nCookie: a=b; c=\"d\"; e\r\n\r\n",
        "GET http://example.com/v1/jobs/a HTTP/1.1\r\nHost: example.com\r\nConnection: keep-alive\r\n\r\n",
        "GET /v1/jobs/a HTTP/1.0\r\nConnection: Keep-Alive\r\nAccept: application/problem+json\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nOrigin: http://a\r\n\r\n",
        "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
        "GET /v1/jobs/a HTTP/1.1\r\nHost: a\r\nGrpc-Timeout: 5S\r\nX-Request-Id: 1\r\nTraceparent: 00-0-0-00\r\n\r\n",
        "PUT /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    ]

    private static let pieces: [String] = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "?", "#", "%", "%00", "/", "*", "\u{7F}", "\u{1}", "\r\n ",
        "\r\n\r\n",
        ": ", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "CONNECT ", "Host: b\r\n", "Host:\r\n", "Content-Length: 3\r\n",
        "Content-Length: 0\r\n", "Content-Length: -1\r\n", "Content-Length: 99999999999999999999\r\n",
        "content-length: 4194305\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked \r\n", "Connection: close\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n",
        "Expect: 100-continue\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n", "10000000000000000\r\n", "1;", "GET / ",
    ]

    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// The next request, or some of them one behind the other, mostly malformed; seldom more than 40 kB.
    mutating func next() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<[1, 1, 1, 1, 2, 2, 3, 5][Int.random(in: 0..<8, using: &random)] { bytes += request() }
        // Some are left as they are.
        for _ in 0..<Int.random(in: 0...4, using: &random) { mutate(&bytes) }
        return bytes
    }

    private mutating func request() -> [UInt8] {
        guard Bool.random(using: &random) else { return pick(RequestMutator.requests) }
        var composer = RequestComposer(seed: random.next())
        return composer.next()
    }

    private mutating func pick(_ texts: [String]) -> [UInt8] {
        Array(texts[Int.random(in: 0..<texts.count, using: &random)].utf8)
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 4: bytes.removeSubrange(place...)
        case 5:
            let size = [100, 1000, 8000, 16_000][Int.random(in: 0..<4, using: &random)]
            bytes.insert(contentsOf: [UInt8](repeating: UInt8(ascii: "a"), count: size), at: place)
        default: bytes.insert(contentsOf: pick(RequestMutator.pieces), at: place)
        }
    }
}
