package import Bytes
import Glibc

/// Percent-decoding (RFC 3986, section 2.1) of path captures and query strings.
///
/// UTF-8 is not looked at here; whoever puts the result into a string field checks it.
package enum PercentDecoding {
    /// How ``decode(_:into:_:)`` treats what is special to the place a text comes from.
    package struct Options: OptionSet, Sendable {
        package let rawValue: UInt8

        @inlinable
        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// `+` is a space, as in query strings (application/x-www-form-urlencoded).
        package static let plusIsSpace = Options(rawValue: 1)
        /// `%2F` and `%2f` stay as they are, as in captures of several segments (google/api/http.proto).
        package static let keepsEncodedSlash = Options(rawValue: 2)
    }

    /// Appends the decoded form of `source` to `sink`.
    ///
    /// On a fault the sink holds what came before it.
    package static func decode(
        _ source: UnsafeRawBufferPointer,
        into sink: inout ByteBuffer,
        _ options: Options = []
    ) throws(PercentFault) {
        let plusIsSpace = options.contains(.plusIsSpace)
        // Runs without anything to decode are the rule, and then one copy does it.
        if !contains(UInt8(ascii: "%"), source) && !(plusIsSpace && contains(UInt8(ascii: "+"), source)) {
            sink.append(contentsOf: source)
            return
        }
        sink.reserve(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%") {
                let decoded = try escape(in: source, at: index)
                if decoded == UInt8(ascii: "/") && options.contains(.keepsEncodedSlash) {
                    sink.append(contentsOf: UnsafeRawBufferPointer(rebasing: source[index..<index + 3]))
                } else {
                    sink.append(decoded)
                }
                index += 3
            } else {
                sink.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
    }

    /// The first malformed or NUL escape of `source`, nil if all of it can be decoded.
    package static func firstFault(in source: UnsafeRawBufferPointer) -> PercentFault? {
        guard contains(UInt8(ascii: "%"), source) else { return nil }
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "%") else {
                index += 1
                continue
            }
            do throws(PercentFault) {
                _ = try escape(in: source, at: index)
            } catch {
                return error
            }
            index += 3
        }
        return nil
    }

    /// The value of a hexadecimal digit of either case.
    static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The byte that the escape at `index` stands for.
    private static func escape(in source: UnsafeRawBufferPointer, at index: Int) throws(PercentFault) -> UInt8 {
        guard source.count - index > 2, let high = hexValue(source[index + 1]), let low = hexValue(source[index + 2])
        else { throw .malformedEscape(offset: index) }
        let byte = high << 4 | low
        if byte == 0 { throw .encodedNUL(offset: index) }
        return byte
    }

    private static func contains(_ byte: UInt8, _ source: UnsafeRawBufferPointer) -> Bool {
        guard let base = source.baseAddress else { return false }
        return memchr(base, Int32(byte), source.count) != nil
    }
}
