package import Bytes

/// Spreads compact JSON that this project printed over lines, one member or element a line.
///
/// Tokens are copied as they are and only the white space between them changes; empty objects and arrays stay `{}` and
/// `[]`, and the text ends without a newline. The input is not checked: of bytes that are not JSON the result is not JSON
/// either, after linear work all the same.
package struct JSONIndenter: Sendable {
    /// Levels that are indented further than the one around them; what this project prints has fewer.
    private static let maximumLevel = 512

    private let spaces: Int

    /// Indents each level by `spaces`, of which there may be 0 to 16.
    package init(spaces: Int) {
        self.spaces = min(max(spaces, 0), 16)
    }

    /// Appends the lines of `json` to `output`.
    package func indent(_ json: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        output.reserve(json.count &+ json.count / 2)
        var level = 0
        var index = 0
        // An opening bracket awaits what follows it: an empty pair has no line of its own.
        var isOpen = false
        while index < json.count {
            let byte = json[index]
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09:
                index &+= 1
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                level = max(level &- 1, 0)
                if !isOpen { startLine(level, in: &output) }
                isOpen = false
                output.append(byte)
                index &+= 1
                continue
            default: break
            }
            if isOpen { startLine(level, in: &output) }
            isOpen = false
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                output.append(byte)
                level &+= 1
                isOpen = true
                index &+= 1
            case UInt8(ascii: ","):
                output.append(byte)
                startLine(level, in: &output)
                index &+= 1
            case UInt8(ascii: ":"):
                output.append(": ")
                index &+= 1
            case UInt8(ascii: "\""):
                let end = JSONIndenter.endOfString(json, from: index)
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: json[index..<end]))
                index = end
            default:
                output.append(byte)
                index &+= 1
            }
        }
    }

    private func startLine(_ level: Int, in output: inout ByteBuffer) {
        let count = min(level, JSONIndenter.maximumLevel) &* spaces
        output.append(UInt8(ascii: "\n"))
        output.reserve(count)
        output.spare.update(repeating: UInt8(ascii: " "), count: count)
        output.advance(by: count)
    }

    /// The place after the string that starts at `start`, or the end of the text if it does not end.
    private static func endOfString(_ json: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start &+ 1
        while index < json.count {
            if index &+ 8 <= json.count {
                let word = UInt64(littleEndian: json.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let specials = StringScan.specials(word)
                if specials == 0 {
                    index &+= 8
                    continue
                }
                index &+= specials.trailingZeroBitCount &>> 3
            }
            switch json[index] {
            case UInt8(ascii: "\""): return index &+ 1
            case UInt8(ascii: "\\"): index &+= 2
            default: index &+= 1
            }
        }
        return json.count
    }
}
