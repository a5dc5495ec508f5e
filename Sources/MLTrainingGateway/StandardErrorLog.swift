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
        let pairs = metadata.sorted { $0.key < $1.key }.map {
            (key: $0.key, value: String($0.value.description.prefix(maximumValue)))
        }
        let text = String(message.description.prefix(maximumMessage))
        switch format {
        case .text:
            line.append(utf8: time())
            line.append(utf8: " \(level): ")
            appendText(text, to: &line)
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
            line.appendJSONString(text)
            for (key, value) in pairs {
                line.append(",")
                line.appendJSONString(key)
                line.append(":")
                line.appendJSONString(value)
            }
            line.append("}")
        }
        line.append(UInt8(ascii: "\n"))
        send(line.bytes)
    }

    /// Writes a line if it can be written at once, and forgets it otherwise: nobody waits for who does not read.
    ///
    /// A pipe that is ready takes `PIPE_BUF` bytes, 4096, in one piece (pipe(7)), more than lines have by the limits below.
    private static func send(_ line: UnsafeRawBufferPointer) {
        var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&state, 1, 0) == 1, state.revents & Int16(POLLOUT) != 0 else { return }
        _ = Glibc.write(STDERR_FILENO, line.baseAddress, min(line.count, Int(PIPE_BUF)))
    }

    /// In characters.
    private static let maximumMessage = 1500
    private static let maximumValue = 200

    /// A line stays a line, and a terminal gets no commands.
    private static func appendText(_ text: String, to line: inout ByteBuffer) {
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line.append(UInt8(ascii: " "))
            default: line.append(utf8: String(scalar))
            }
        }
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
