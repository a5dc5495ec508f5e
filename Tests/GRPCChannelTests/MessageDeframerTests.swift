import Bytes
import Testing

@testable import GRPCChannel

@Suite
struct MessageDeframerTests {
    /// Two messages and an empty one.
    static let stream: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 0] + [0, 0, 0, 0, 2, 8, 9]

    @Test(arguments: 0...stream.count)
    func everySplitGivesTheSameMessages(split: Int) {
        var deframer = MessageDeframer()
        var messages: [[UInt8]] = []
        for part in [Array(Self.stream[..<split]), Array(Self.stream[split...])] {
            take(part, into: &deframer, &messages)
        }
        #expect(messages == [[1, 2, 3], [], [8, 9]])
        let isInside = deframer.isInsideMessage
        #expect(!isInside)
    }

    @Test
    func byteByByte() {
        var deframer = MessageDeframer()
        var messages: [[UInt8]] = []
        for byte in Self.stream { take([byte], into: &deframer, &messages) }
        #expect(messages == [[1, 2, 3], [], [8, 9]])
    }

    @Test
    func aMessageInOneChunkIsNotCopied() {
        var deframer = MessageDeframer()
        let isInPlace = Self.stream.withUnsafeBytes { bytes in
            var chunk = bytes
            guard case .whole(let message) = deframer.next(&chunk, limit: 10) else { return false }
            return message.baseAddress == bytes.baseAddress.map { $0 + 5 }
        }
        #expect(isInPlace)
    }

    @Test(arguments: 1..<8)
    func aPartOfAMessageIsInside(length: Int) {
        var deframer = MessageDeframer()
        var messages: [[UInt8]] = []
        take(Array(Self.stream[..<length]), into: &deframer, &messages)
        let isInside = deframer.isInsideMessage
        #expect(isInside)
        #expect(messages.isEmpty)
    }

    @Test
    func aLengthPastTheLimitIsRefusedBeforeAnyByteOfIt() {
        #expect(failure([0, 0xff, 0xff, 0xff, 0xff], limit: 1000) == "too long: 4294967295")
        #expect(failure([0, 0, 0, 0, 11], limit: 10) == "too long: 11")
        #expect(failure([0, 0, 0, 0, 10], limit: 10) == nil)
        #expect(failure([1, 0, 0, 0, 1], limit: 10) == "flagged: 1")
        #expect(failure([255, 0, 0, 0, 1], limit: 10) == "flagged: 255")
    }

    private func failure(_ bytes: [UInt8], limit: Int) -> String? {
        var deframer = MessageDeframer()
        return bytes.withUnsafeBytes { bytes in
            var chunk = bytes
            switch deframer.next(&chunk, limit: limit) {
            case .tooLong(let length): return "too long: \(length)"
            case .flagged(let flag): return "flagged: \(flag)"
            default: return nil
            }
        }
    }

    private func take(_ part: [UInt8], into deframer: inout MessageDeframer, _ messages: inout [[UInt8]]) {
        part.withUnsafeBytes { bytes in
            var chunk = bytes
            while true {
                switch deframer.next(&chunk, limit: 100) {
                case .needsMore: return
                case .whole(let message): messages.append(Array(message))
                case .assembled:
                    let assembled = deframer.takeAssembled()
                    messages.append(Array(assembled.bytes))
                case .flagged, .tooLong:
                    Issue.record("a good stream was refused")
                    return
                }
            }
        }
    }
}
