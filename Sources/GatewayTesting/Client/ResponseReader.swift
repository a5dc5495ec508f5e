/// Reads one HTTP/1.1 answer (RFC 9112) and refuses whatever a strict client might misread.
struct ResponseReader {
    private let client: RawHTTPClient
    private let method: String
    private var response = RawHTTPResponse()

    init(client: RawHTTPClient, method: String) {
        self.client = client
        self.method = method
    }

    mutating func read() throws(RawHTTPError) -> RawHTTPResponse {
        _ = try readHead()
        try readBody()
        return response
    }

    /// Status and headers; the body stays unread.
    mutating func readHead() throws(RawHTTPError) -> RawHTTPResponse {
        try readStatusLine()
        response.headers = try readFields()
        return response
    }

    /// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112, section 4).
    private mutating func readStatusLine() throws(RawHTTPError) {
        let line = String(decoding: try client.readLine(), as: UTF8.self)
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { throw .malformed("status line \(line)") }
        response.version = String(parts[0])
        response.status = status
        response.reason = String(parts[2])
    }

    /// `field-name ":" OWS field-value OWS` a line, up to an empty line (RFC 9112, section 5).
    private func readFields() throws(RawHTTPError) -> HeaderList {
        var fields: [HeaderField] = []
        while true {
            let line = try client.readLine()
            if line.isEmpty { return HeaderList(fields) }
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
                line[..<colon].allSatisfy(ResponseReader.isTokenByte)
            else { throw .malformed("field line \(text)") }
            var value = line[(colon + 1)...]
            while value.first == 0x20 || value.first == 0x09 { value.removeFirst() }
            while value.last == 0x20 || value.last == 0x09 { value.removeLast() }
            guard value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
                throw .malformed("control character in \(text)")
            }
            fields.append(HeaderField(String(decoding: line[..<colon], as: UTF8.self), bytes: Array(value)))
        }
    }

    /// Message body length (RFC 9112, section 6.3).
    private mutating func readBody() throws(RawHTTPError) {
        let codings = response.headers.values("transfer-encoding")
        let lengths = response.headers.values("content-length")
        if !codings.isEmpty, !lengths.isEmpty { throw .malformed("Content-Length beside Transfer-Encoding") }
        guard Set(lengths).count < 2 else { throw .malformed("Content-Lengths \(lengths)") }
        for length in lengths where length.isEmpty || !length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw .malformed("Content-Length \(length)")
        }
        let hasNoBody = response.status / 100 == 1 || response.status == 204 || response.status == 304
        if hasNoBody || method == "HEAD" { return }
        if !codings.isEmpty {
            guard codings.map({ $0.lowercased() }) == ["chunked"] else {
                throw .malformed("Transfer-Encoding \(codings)")
            }
            try readChunks()
        } else if let text = lengths.first {
            guard let length = Int(text) else { throw .malformed("Content-Length \(text)") }
            response.body = try client.readBytes(length)
        } else {
            response.body = try client.readToEnd()
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF chunk-data CRLF`, the last of size 0, then trailers (RFC 9112, section 7.1).
    private mutating func readChunks() throws(RawHTTPError) {
        while true {
            let line = String(decoding: try client.readLine(), as: UTF8.self)
            let digits = line.prefix { $0 != ";" }
            guard digits.utf8.allSatisfy(ResponseReader.isHexByte), let size = Int(digits, radix: 16) else {
                throw .malformed("chunk size \(line)")
            }
            if size == 0 {
                response.trailers = try readFields()
                return
            }
            response.body += try client.readBytes(size)
            guard try client.readLine().isEmpty else {
                throw .malformed("chunk of \(size) bytes does not end in CR LF")
            }
        }
    }

    private static func isHexByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
    }

    /// A byte of a `token` (RFC 9110, section 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
