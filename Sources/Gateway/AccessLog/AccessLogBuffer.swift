internal import Bytes
internal import EventLoop

/// One worker's part of the access log: the lines of the moment.
///
/// They go to the writing thread together, when there are enough of them or some time has passed.
final class AccessLogBuffer {
    /// Bytes that are handed over at once.
    private static let batchSize = 64 << 10
    /// Milliseconds that a line may be kept.
    private static let patience: UInt64 = 100

    private let log: AccessLog
    private var time: LogTime
    private var lines = ByteBuffer()
    private var lineCount: UInt64 = 0
    private var timer: LoopTimer?

    init(_ log: AccessLog, on loop: EventLoop) {
        self.log = log
        time = LogTime(log.format)
        timer = LoopTimer(on: loop) { [unowned self] in flush() }
    }

    func add(_ entry: AccessLogEntry) {
        if lineCount == 0 {
            lines.reserve(AccessLogBuffer.batchSize)
            timer?.start(afterMilliseconds: AccessLogBuffer.patience)
        }
        switch log.format {
        case .json: AccessLogLine.appendJSON(entry, &time, to: &lines)
        case .common: AccessLogLine.appendCommon(entry, &time, to: &lines)
        }
        lineCount += 1
        if lines.count >= AccessLogBuffer.batchSize { flush() }
    }

    /// Hands over what there is.
    func flush() {
        guard lineCount > 0 else { return }
        timer?.stop()
        var batch = ByteBuffer()
        swap(&batch, &lines)
        log.put(LogBatch(batch, lineCount: lineCount))
        lineCount = 0
    }

    /// Hands over the last lines; idempotent.
    func close() {
        flush()
        timer?.close()
        timer = nil
    }
}
