import GatewayTesting
import Testing

/// Requests that two HTTP parsers may read differently, through a real nginx: none hides another one from it.
///
/// These are the ones that the gateway cannot tell from well-formed ones, since libmicrohttpd shows no trace of them, and
/// some that it refuses by itself.
@Suite(.enabled(if: NginxProcess.isInstalled))
struct SmugglingTests {
    private static let get = "GET /v1/jobs/seen HTTP/1.1\r\nHost: x\r\n"
    private static let post = "POST \(MLTraining.getJob) HTTP/1.1\r\nHost: x\r\n"
    private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
    private static let end = "0\r\n\r\n"
    /// What must not be carried out where it stands inside of something.
    private static let hidden = "GET /v1/jobs/hidden HTTP/1.1\r\nHost: x\r\n\r\n"

    /// A body of one chunk; `mark` stands behind its size, `end` behind its data.
    private static func chunk(_ mark: String, _ end: String = "\r\n" + end) -> String {
        let body = #"{"id": "seen"}"#
        return String(body.utf8.count, radix: 16) + mark + "\r\n" + body + end
    }

    /// What nginx makes of it: the status that it answers by itself, or nil where the gateway gets it in proper form.
    static let table: [(text: String, refusal: Int?)] = [
        // No trace of these is left in a callback of libmicrohttpd 0.9.75.
        (get + "X: y\0\n\r\n" + hidden, 400),
        (get + ":\n" + hidden, 400),
        ("\0 line\r\n" + get + "\r\n", 400),
        (chunked + chunk("", "\n" + end), nil),
        (chunked + chunk(" "), nil),
        (chunked + chunk(";a=b"), nil),
        (chunked + chunk(";" + hidden.split(separator: "\r\n").joined()), nil),
        (chunked + chunk(";a\n" + hidden), 400),
        (chunked + chunk(";" + String(repeating: "a", count: 1 << 20)), nil),
        (chunked + "0x" + chunk(""), 400),
        (chunked + " " + chunk(""), 400),
        (chunked + "+" + chunk(""), 400),
        (chunked + chunk("", "\r\n0\r\nX: y\r\n\r\n"), nil),
        (chunked + chunk("", "\r\n0\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n"), nil),
        (chunked + chunk("", "\n0\nX: y\n\n"), nil),
        // What the gateway refuses itself.
        (post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + end + hidden, 400),
        (post + "Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n" + hidden, 400),
        (post + "Content-Length: +0\r\n\r\n" + hidden, 400),
        (post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + end + hidden, 501),
        (post + "Transfer-Encoding:\u{B}chunked\r\n\r\n" + end + hidden, 501),
        (post + "Transfer-Encoding : chunked\r\n\r\n" + end + hidden, 400),
        (post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + end + hidden, 400),
        (post.replacing("1.1", with: "1.0") + "Transfer-Encoding: chunked\r\n\r\n" + end + hidden, 400),
        (get + "Host: y\r\n\r\n", 400),
        (get + "X: y\r\n z\r\n\r\n", 400),
        (get + "X: y\rContent-Length: \(hidden.utf8.count)\r\n\r\n" + hidden, 400),
        (get + "X: y\n\r\n", nil),
        (get + "X: y\0z\r\n\r\n", 400),
        ("GET /v1/jobs/seen\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET http://y/v1/jobs/seen HTTP/1.1\r\nHost: x\r\n\r\n", nil),
    ]

    @Test(arguments: ["on", "off"])
    func nothingIsHidden(buffering: String) throws {
        let stack = try ProxyStack(nginx: ["proxy_request_buffering \(buffering)"])
        for (text, refusal) in SmugglingTests.table {
            let before = stack.upstream.requests.count
            let client = try stack.nginx.client()
            // The second one is a request of its own to everybody, if the first one has been taken.
            let last = SmugglingTests.get + "Connection: close\r\n\r\n"
            let bytes = (text + last).unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            try? client.send(bytes)
            let name = text.prefix(200).debugDescription
            let first = try client.readResponse()
            #expect(first.status == refusal ?? 200, "\(name)")
            var expected = 0
            if refusal == nil {
                #expect(first["x-request-id"] != nil, "\(name)")
                #expect(try client.readResponse().status == 200, "\(name)")
                expected = 2
            }
            #expect(client.isClosedByServer(), "\(name)")
            let calls = stack.upstream.requests.dropFirst(before)
            #expect(calls.map(MLTraining.id) == Array(repeating: "seen", count: expected), "\(name)")
        }
        try stack.stop()
    }

    /// Whatever nginx passes on, the gateway makes as many calls of it as nginx has seen requests.
    ///
    /// Of the same seeds in each run, or `PROXY_FUZZ_REQUESTS` of them.
    @Test(arguments: ProxyStack.Link.allCases)
    func noMutatedRequestBecomesTwo(link: ProxyStack.Link) async throws {
        let stack = try ProxyStack(link, nginx: ["proxy_request_buffering off"])
        let count = Environment["PROXY_FUZZ_REQUESTS"].flatMap { Int($0) } ?? 2000
        let last = "\r\n\r\n" + SmugglingTests.get + "Connection: close\r\n\r\n"
        for first in stride(from: 0, to: count, by: 250) {
            let clients = try (first..<min(first + 250, count)).map { seed in
                var mutator = RequestMutator(seed: UInt64(seed))
                let client = try stack.nginx.client()
                try? client.send(mutator.next() + Array(last.utf8))
                return client
            }
            for client in clients { _ = try? client.readToEnd() }
        }
        // Only calls are answered so. The log may be a little behind.
        let calls = { try stack.nginx.passages.count { [200, 201, 304].contains($0.upstreamStatus ?? 0) } }
        try await eventually("there are as many calls as requests that ask for one") {
            try calls() == stack.upstream.requests.count
        }
        #expect(try calls() > count / 10)
        #expect(try stack.nginx.passages.allSatisfy { $0.upstreamStatus ?? 0 < 500 })
        try stack.stop()
    }
}
