internal import Bytes
internal import HTTPServer
internal import RPCCore
internal import Transcoding

/// Prints requests as lines.
///
/// What clients send is escaped, so that a line is always one line, and no byte of it a control character.
enum AccessLogLine {
    /// A JSON object, of which members are left out that do not apply.
    static func appendJSON(_ entry: AccessLogEntry, _ time: inout LogTime, to line: inout ByteBuffer) {
        let exchange = entry.exchange
        let record = exchange.record
        line.append(#"{"time":""#)
        time.append(nanosecondsAgo: record.total, to: &line)
        line.append("\"")
        append("client", entry.client, to: &line)
        // Unknown where the header did not come whole.
        if !exchange.method.isEmpty { append("method", bytes: exchange.method, to: &line) }
        append("target", bytes: exchange.target, to: &line)
        line.append(exchange.isHTTP10 ? #","http":"1.0""# : #","http":"1.1""#)
        if !entry.route.isEmpty { append("route", entry.route, to: &line) }
        line.append(#","status":"#)
        line.appendDecimal(UInt64(entry.status))
        append("grpc_method", entry.method, to: &line)
        if record.code >= 0 { append("grpc_status", StatusCode(rawValue: record.code).description, to: &line) }
        append("failed_by", entry.culprit?.name, to: &line)
        if let reason = record.reason { append("reason", "\(reason)", to: &line) }
        if record.isCutOff { line.append(#","cut_off":true"#) }
        append("request_id", record.requestID, to: &line)
        if let value = exchange.header("traceparent"), let id = TraceParent.traceID(value) {
            append("trace_id", bytes: id, to: &line)
        }
        append("upstream", record.upstream, to: &line)
        line.append(#","bytes_in":"#)
        line.appendDecimal(UInt64(record.receivedBytes))
        line.append(#","bytes_out":"#)
        line.appendDecimal(UInt64(record.sentBytes))
        line.append(#","duration_ms":"#)
        line.appendMilliseconds(record.total)
        line.append(#","phases_ms":{"#)
        var isFirst = true
        for phase in RequestRecord.Phase.allCases {
            guard let time = record[phase] else { continue }
            line.append(isFirst ? "\"" : ",\"")
            isFirst = false
            line.append(utf8: phase.name)
            line.append("\":")
            line.appendMilliseconds(time)
        }
        line.append("}")
        if let agent = exchange.header("user-agent") { append("user_agent", bytes: agent, to: &line) }
        if let referer = exchange.header("referer") { append("referer", bytes: referer, to: &line) }
        line.append("}\n")
    }

    private static func append(_ name: StaticString, _ text: String?, to line: inout ByteBuffer) {
        guard let text else { return }
        appendName(name, to: &line)
        line.appendJSONString(text)
    }

    private static func append(_ name: StaticString, bytes: UnsafeRawBufferPointer, to line: inout ByteBuffer) {
        appendName(name, to: &line)
        if bytes.allSatisfy({ $0 < 0x7F }) {
            line.appendJSONString(repairing: bytes)
        } else {
            appendASCII(bytes, to: &line)
        }
    }

    /// A JSON string in ASCII: control characters of Unicode are as good as others for playing tricks on a terminal.
    @inline(never)
    private static func appendASCII(_ bytes: UnsafeRawBufferPointer, to line: inout ByteBuffer) {
        line.append("\"")
        for unit in String(decoding: bytes, as: UTF8.self).utf16 {
            if unit >= 0x20, unit < 0x7F, unit != 0x22, unit != 0x5C {
                line.append(UInt8(unit))
            } else {
                let digits = String(unit, radix: 16)
                line.append(utf8: "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
            }
        }
        line.append("\"")
    }

    private static func appendName(_ name: StaticString, to line: inout ByteBuffer) {
        line.append(",\"")
        line.append(name)
        line.append("\":")
    }

    /// `client - - [time] "GET /target HTTP/1.1" status bytes "referer" "user agent"`.
    static func appendCommon(_ entry: AccessLogEntry, _ time: inout LogTime, to line: inout ByteBuffer) {
        let exchange = entry.exchange
        line.append(utf8: entry.client ?? "-")
        line.append(" - - [")
        time.append(nanosecondsAgo: exchange.record.total, to: &line)
        line.append("] \"")
        if exchange.method.isEmpty { line.append("-") } else { line.appendEscaped(exchange.method) }
        line.append(" ")
        line.appendEscaped(exchange.target)
        line.append(exchange.isHTTP10 ? " HTTP/1.0\" " : " HTTP/1.1\" ")
        line.appendDecimal(UInt64(entry.status))
        line.append(" ")
        if exchange.record.sentBytes == 0 {
            line.append("-")
        } else {
            line.appendDecimal(UInt64(exchange.record.sentBytes))
        }
        line.append(" \"")
        append(exchange.header("referer"), to: &line)
        line.append("\" \"")
        append(exchange.header("user-agent"), to: &line)
        line.append("\"\n")
    }

    private static func append(_ value: UnsafeRawBufferPointer?, to line: inout ByteBuffer) {
        if let value, !value.isEmpty { line.appendEscaped(value) } else { line.append("-") }
    }
}

extension ByteBuffer {
    /// Appends a number without making a `String` of it.
    mutating func appendDecimal(_ value: UInt64) {
        var rest = value
        // 20 digits are as many as there can be.
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = 20
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            append(contentsOf: UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }

    /// Appends so many nanoseconds as milliseconds with three decimals.
    mutating func appendMilliseconds(_ nanoseconds: UInt64) {
        let microseconds = nanoseconds / 1000
        appendDecimal(microseconds / 1000)
        append(UInt8(ascii: "."))
        let fraction = microseconds % 1000
        if fraction < 100 { append(UInt8(ascii: "0")) }
        if fraction < 10 { append(UInt8(ascii: "0")) }
        appendDecimal(fraction)
    }

    /// Appends what a client sent, `\xHH` in place of quotes, backslashes and what is not visible ASCII.
    fileprivate mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                append(byte)
            } else {
                append("\\x")
                appendHexDigit(byte >> 4)
                appendHexDigit(byte & 15)
            }
        }
    }

    private mutating func appendHexDigit(_ digit: UInt8) {
        append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}
