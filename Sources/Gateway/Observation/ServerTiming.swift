internal import Bytes
internal import HTTPServer

/// `Server-Timing` of an answer (W3C Server Timing), for clients that ask for it by `Prefer: server-timing` (RFC 7240).
enum ServerTiming {
    static let preference: StaticString = "server-timing"

    /// Whether one of the preferences in the list `value` is the one for timing; parameters are of no matter.
    static func isPreferred(_ value: UnsafeRawBufferPointer) -> Bool {
        value.split(separator: UInt8(ascii: ",")).contains { preference in
            let end = preference.firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "=") }
            return MediaType.equals(
                FieldSyntax.trimmed(preference[..<(end ?? preference.endIndex)]),
                ServerTiming.preference
            )
        }
    }

    /// `request;dur=0.041, gateway;dur=0.060, upstream;dur=1.204, total;dur=1.305`: what each phase has taken so far, in
    /// milliseconds.
    static func text(_ record: borrowing RequestRecord) -> String {
        var text = ByteBuffer(capacity: 128)
        for phase in RequestRecord.Phase.allCases {
            guard let time = record[phase] else { continue }
            text.append(utf8: phase.name)
            text.append(";dur=")
            text.appendMilliseconds(time)
            text.append(", ")
        }
        text.append("total;dur=")
        text.appendMilliseconds(record.total)
        return String(decoding: text.bytes, as: UTF8.self)
    }
}

extension RequestPipeline {
    /// Adds the times of a request that asks for them.
    func addTiming(_ exchange: Exchange, _ headers: borrowing ResponseHeaders) {
        // Whoever does not ask pays for this look.
        guard exchange.header("prefer") != nil, let value = exchange.list("prefer"), ServerTiming.isPreferred(value)
        else { return }
        exchange.record.settle(at: exchange.now)
        headers.add("Server-Timing", text: ServerTiming.text(exchange.record))
        headers.add("Preference-Applied", ServerTiming.preference)
        headers.add("Vary", "Prefer")
        cors.answerTiming(exchange, headers)
    }
}
