import Bytes
import Glibc
import Logging
import Transcoding

/// Writes log messages to standard error, each as one line in one write.
///
/// Text is `2026-11-22T08:33:15.123Z warning: message key=value`, JSON an object with the members `time`, `level`,
/// `message` and those of the metadata.
struct StandardErrorLog: LogHandler {
    enum Format: String, CaseIterable {
        case text, json
    }

    var metadata: Logger.Metadata = [:]
    /// One for the whole process; what is set here is of no effect.
    var logLevel: Logger.Level {
        get { LogSettings.shared.level }
        set { _ = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        StandardErrorLog.write(event.level, event.message, metadata, as: LogSettings.shared.format)
    }

    static func write(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ metadata: Logger.Metadata,
        as format: Format
    ) {
        var line = ByteBuffer(capacity: 256)
        let pairs = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value.description) }
        switch format {
        case .text:
            line.append(utf8: time())
            line.append(utf8: " \(level): ")
            appendText(message.description, to: &line)
            for (key, value) in pairs {
                line.append(utf8: " \(key)=")
                if value.isEmpty || value.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }) {
                    line.appendJSONString(value)
                } else {
                    appendText(value, to: &line)
                }
            }
        case .json:
            line.append(#"{"time":"#)
            line.appendJSONString(time())
            line.append(#","level":"#)
            line.appendJSONString("\(level)")
            line.append(#","message":"#)
            line.appendJSONString(message.description)
            for (key, value) in pairs {
                line.append(",")
                line.appendJSONString(key)
                line.append(":")
                line.appendJSONString(value)
            }
            line.append("}")
        }
        line.append(UInt8(ascii: "\n"))
        // Where nobody listens, nothing can be done about it.
        _ = Glibc.write(STDERR_FILENO, line.bytes.baseAddress, line.count)
    }

    /// A line stays a line, and a terminal gets no commands.
    private static func appendText(_ text: String, to line: inout ByteBuffer) {
        for byte in text.utf8 { line.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: " ") : byte) }
    }

    /// The time in UTC, to the millisecond (RFC 3339).
    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        let seconds = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            let count = strftime(text.baseAddress, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<count]),
                as: UTF8.self
            )
        }
        let milliseconds = String(now.tv_nsec / 1_000_000)
        return "\(seconds).\(String(repeating: "0", count: 3 - milliseconds.utf8.count))\(milliseconds)Z"
    }
}
