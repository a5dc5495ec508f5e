import Glibc

/// An HTTP/1.1 client for tests: sends bytes exactly as given and reads answers with no tolerance.
///
/// Blocking, for one thread at a time. Requests may be pipelined: send several, then read as many answers.
package final class RawHTTPClient {
    /// Owned here, -1 once closed.
    private var descriptor: Int32
    private let timeout: Duration
    /// Nil in clear.
    private(set) var tls: TLSClientSession?
    /// Received and not yet read.
    private var input: [UInt8] = []

    package init(host: String = "127.0.0.1", port: UInt16, timeout: Duration = .seconds(10)) throws(SystemError) {
        self.timeout = timeout
        descriptor = try Sockets.connect(host: host, port: port)
    }

    package init(unixPath: String, timeout: Duration = .seconds(10)) throws(SystemError) {
        self.timeout = timeout
        descriptor = try Sockets.connect(unixPath: unixPath)
    }

    /// Connects to `HOST:PORT` or `unix:PATH`, the form that the executables print.
    package convenience init(address: String, timeout: Duration = .seconds(10)) throws(SystemError) {
        if address.hasPrefix("unix:") {
            try self.init(unixPath: String(address.dropFirst(5)), timeout: timeout)
        } else {
            let colon = address.lastIndex(of: ":") ?? address.endIndex
            guard let port = UInt16(address[colon...].dropFirst()) else {
                throw SystemError("connect to \(address)", code: EINVAL)
            }
            let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
            try self.init(host: host, port: port, timeout: timeout)
        }
    }

    deinit {
        close()
    }

    /// Goes on over TLS, from the handshake on.
    package func startTLS(_ options: TLSClientOptions = TLSClientOptions()) throws(TLSClientError) {
        tls = try TLSClientSession(descriptor, options)
    }

    // MARK: Sending

    package func send(_ text: String) throws(SystemError) {
        try send(Array(text.utf8))
    }

    /// Sends `bytes` as they are.
    ///
    /// - Throws: ``SystemError`` with EPIPE or ECONNRESET where the server has closed.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                tls?.send(bytes) ?? Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw SystemError("send")
            }
        }
    }

    /// Sends a well-formed request; `Host` and, where there is a body, `Content-Length` are added unless given.
    package func sendRequest(
        _ method: String,
        _ target: String,
        headers: HeaderList = [:],
        body: [UInt8]? = nil
    ) throws(SystemError) {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if headers["host"] == nil { head += "Host: localhost\r\n" }
        if let body, headers["content-length"] == nil, headers["transfer-encoding"] == nil {
            head += "Content-Length: \(body.count)\r\n"
        }
        var bytes = Array(head.utf8)
        for field in headers.fields {
            bytes += Array(field.name.utf8) + Array(": ".utf8) + field.value + Array("\r\n".utf8)
        }
        try send(bytes + Array("\r\n".utf8) + (body ?? []))
    }

    /// Ends this side of the connection; answers can still be read.
    package func shutdownSending() {
        tls?.end()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    package func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Closes with a TCP reset.
    package func abort() {
        if descriptor >= 0 { Sockets.abort(descriptor) }
        descriptor = -1
    }

    // MARK: Whole exchanges

    package func request(
        _ method: String,
        _ target: String,
        headers: HeaderList = [:],
        body: [UInt8]? = nil
    ) throws -> RawHTTPResponse {
        try sendRequest(method, target, headers: headers, body: body)
        return try readResponse(to: method)
    }

    package func get(_ target: String, headers: HeaderList = [:]) throws -> RawHTTPResponse {
        try request("GET", target, headers: headers)
    }

    /// Posts `json` with `Content-Type: application/json`, unless `headers` say otherwise.
    package func post(_ target: String, json: String, headers: HeaderList = [:]) throws -> RawHTTPResponse {
        let type: HeaderList = headers["content-type"] == nil ? ["Content-Type": "application/json"] : [:]
        return try request("POST", target, headers: type + headers, body: Array(json.utf8))
    }

    // MARK: Receiving

    /// Reads one answer, interim ones (1xx) passed over unless asked for.
    ///
    /// - Parameters:
    ///   - method: what it answers; an answer to HEAD has no body whatever its header says.
    ///   - includingInterim: whether a 1xx answer counts.
    /// - Returns: the answer with its whole body.
    /// - Throws: ``RawHTTPError``.
    package func readResponse(
        to method: String = "GET",
        includingInterim: Bool = false
    ) throws(RawHTTPError) -> RawHTTPResponse {
        while true {
            var reader = ResponseReader(client: self, method: method)
            let response = try reader.read()
            if includingInterim || response.status / 100 != 1 { return response }
        }
    }

    /// Reads one answer up to its body, of which ``readChunk()`` or ``readSome()`` then get what there is.
    package func readHead() throws(RawHTTPError) -> RawHTTPResponse {
        var reader = ResponseReader(client: self, method: "GET")
        return try reader.readHead()
    }

    /// Reads one chunk of a body in chunks as soon as it is there; nil for the end of the body.
    package func readChunk() throws(RawHTTPError) -> [UInt8]? {
        var reader = ResponseReader(client: self, method: "GET")
        return try reader.readChunk()
    }

    /// The next bytes, as many as there are; nothing at the end of the connection.
    package func readSome() throws(RawHTTPError) -> [UInt8] {
        if input.isEmpty { _ = try fill(until: MonotonicTime.now.advanced(by: timeout)) }
        defer { input = [] }
        return input
    }

    /// Whatever comes until the server ends the connection.
    package func readToEnd() throws(RawHTTPError) -> [UInt8] {
        let deadline = MonotonicTime.now.advanced(by: timeout)
        while try fill(until: deadline) {}
        defer { input = [] }
        return input
    }

    /// Whether the server ends the connection, in order or by reset, within `limit` and without another byte.
    package func isClosedByServer(within limit: Duration = .seconds(5)) -> Bool {
        guard input.isEmpty else { return false }
        do throws(RawHTTPError) {
            return try !fill(until: MonotonicTime.now.advanced(by: limit))
        } catch {
            return error == .reset
        }
    }

    /// Whether bytes or the end of the connection are there, or come within `limit`.
    package func hasInput(within limit: Duration) -> Bool {
        guard input.isEmpty, tls?.hasInput != true else { return true }
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, MonotonicTime.now.advanced(by: limit).millisecondsLeft) > 0
    }

    /// The next bytes up to and without CR LF.
    func readLine() throws(RawHTTPError) -> [UInt8] {
        let deadline = MonotonicTime.now.advanced(by: timeout)
        var searched = 0
        while true {
            if let end = input[searched...].firstIndex(of: 0x0A) {
                guard end > 0, input[end - 1] == 0x0D else { throw .malformed("a line ends in a bare LF") }
                let line = Array(input[..<(end - 1)])
                input.removeFirst(end + 1)
                return line
            }
            searched = input.count
            guard try fill(until: deadline) else { throw .closed(received: receivedText) }
        }
    }

    /// Exactly `count` bytes.
    func readBytes(_ count: Int) throws(RawHTTPError) -> [UInt8] {
        let deadline = MonotonicTime.now.advanced(by: timeout)
        while input.count < count {
            guard try fill(until: deadline) else { throw .closed(received: receivedText) }
        }
        defer { input.removeFirst(count) }
        return Array(input[..<count])
    }

    private var receivedText: String { String(decoding: input, as: UTF8.self) }

    /// Receives more; false at the end of the connection.
    private func fill(until deadline: MonotonicTime) throws(RawHTTPError) -> Bool {
        while true {
            if tls?.hasInput != true {
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let ready = poll(&watched, 1, deadline.millisecondsLeft)
                if ready == 0 { throw .timeout(received: receivedText) }
                if ready < 0 { continue }
            }
            let room = 65_536
            let count = withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer -> Int in
                let count = tls?.receive(into: buffer) ?? recv(descriptor, buffer.baseAddress, room, 0)
                if count > 0 { input += buffer[..<count] }
                return count
            }
            if count > 0 { return true }
            if count == 0 { return false }
            if errno != EINTR { throw .reset }
        }
    }
}
