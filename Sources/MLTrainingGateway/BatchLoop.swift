import Bytes
import Gateway
import Glibc
import Transcoding

/// Reads lines from standard input and writes an answer for each to standard output.
///
/// Answers are written once every complete line that has come is answered, so a program that writes one line and waits
/// for its answer gets it. Memory is bounded by the longest line.
struct BatchLoop: ~Copyable {
    /// Longest line, in bytes.
    static let maximumLineBytes = 64 << 20
    /// Answers that are held before they are written.
    private static let heldAnswers = 256 << 10

    private var converter: BatchConverter
    /// Begins with a line that has not been answered.
    private var input = ByteBuffer()
    /// Bytes of ``input`` that hold no newline.
    private var scanned = 0
    private var answers = ByteBuffer()
    /// Whether the line that ``input`` begins with is too long and has been answered already.
    private var isSkipping = false

    init(_ converter: consuming BatchConverter) {
        self.converter = converter
    }

    /// Runs until the end of the input.
    mutating func run() throws(GatewayError) {
        while try StandardStreams.read(into: &input) {
            try answerLines()
            if input.count > Self.maximumLineBytes { skip() }
            try flush()
        }
        // The last line may do without a newline.
        try answer(0..<input.count)
        try flush()
    }

    private mutating func answerLines() throws(GatewayError) {
        var start = 0
        while let newline = newline(from: max(start, scanned)) {
            try answer(start..<newline)
            start = newline + 1
            scanned = start
        }
        if start > 0 {
            input.move(start..<input.count, to: 0)
            input.truncate(to: input.count - start)
        }
        scanned = input.count
    }

    private func newline(from start: Int) -> Int? {
        guard let base = input.bytes.baseAddress,
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), input.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Lines of nothing but JSON's white space are not answered.
    private mutating func answer(_ range: Range<Int>) throws(GatewayError) {
        guard !isSkipping else {
            isSkipping = false
            return
        }
        let line = UnsafeRawBufferPointer(rebasing: input.bytes[range])
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return }
        guard line.count <= Self.maximumLineBytes else {
            refuse()
            return
        }
        converter.answer(line, into: &answers)
        if answers.count >= Self.heldAnswers { try flush() }
    }

    /// Drops the beginning of a line that is too long, once it has been answered.
    private mutating func skip() {
        if !isSkipping { refuse() }
        isSkipping = true
        input = ByteBuffer()
        scanned = 0
    }

    private mutating func refuse() {
        converter.appendError("the line is longer than \(Self.maximumLineBytes) bytes", into: &answers)
    }

    private mutating func flush() throws(GatewayError) {
        guard !answers.isEmpty else { return }
        try StandardStreams.write(answers.bytes)
        // A long answer does not hold its memory for the rest of the run.
        if answers.capacity > 2 * Self.heldAnswers { answers = ByteBuffer() } else { answers.truncate(to: 0) }
    }
}
