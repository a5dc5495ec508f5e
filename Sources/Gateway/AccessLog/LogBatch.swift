internal import Bytes

/// Lines on their way from a worker to the thread that writes them.
///
/// `@unchecked Sendable`: handed over whole, so that there is never more than one thread that has it.
final class LogBatch: @unchecked Sendable {
    let text: ByteBuffer
    let lineCount: UInt64

    init(_ text: consuming ByteBuffer, lineCount: UInt64) {
        self.text = text
        self.lineCount = lineCount
    }
}
