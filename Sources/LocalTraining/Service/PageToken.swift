/// Where the next page of a job's log begins, as the opaque string that clients hand back.
///
/// 16 hexadecimal digits of the last line's sequence number, then 8 of a checksum over it and the job's id: a
/// token that was made up, cut, or that belongs to another job is told from a good one. It protects
/// nobody's secrets: whoever may read a job's log may read all of it.
package struct PageToken: Equatable {
    package var lastSequence: Int64

    package init(lastSequence: Int64) {
        self.lastSequence = lastSequence
    }

    /// Reads a token that ``text(jobID:)`` made for the same job; nil for any other string.
    package init?(_ text: String, jobID: String) {
        guard
            text.utf8.count == 24,
            let sequence = Int64(text.prefix(16), radix: 16),
            sequence >= 0,
            text == PageToken(lastSequence: sequence).text(jobID: jobID)
        else {
            return nil
        }
        lastSequence = sequence
    }

    package func text(jobID: String) -> String {
        let sequence = Self.hex(UInt64(bitPattern: lastSequence), digits: 16)
        var checksum: UInt32 = 2_166_136_261
        for byte in (sequence + jobID).utf8 {
            checksum = (checksum ^ UInt32(byte)) &* 16_777_619
        }
        return sequence + Self.hex(UInt64(checksum), digits: 8)
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
