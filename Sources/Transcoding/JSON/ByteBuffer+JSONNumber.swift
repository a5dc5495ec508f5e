import Bytes

extension ByteBuffer {
    /// Appends `value` in decimal.
    mutating func appendDecimal(_ value: UInt64) {
        reserve(20)
        let count = ByteBuffer.decimalLength(value)
        var rest = value
        var target = spare + count
        while rest >= 100 {
            let quotient = rest / 100
            let pair = rest &- quotient &* 100
            rest = quotient
            let tens = (pair &* 103) &>> 10
            target -= 2
            target[0] = UInt8(truncatingIfNeeded: 0x30 &+ tens)
            target[1] = UInt8(truncatingIfNeeded: 0x30 &+ pair &- tens &* 10)
        }
        if rest >= 10 {
            let tens = (rest &* 103) &>> 10
            target -= 2
            target[0] = UInt8(truncatingIfNeeded: 0x30 &+ tens)
            target[1] = UInt8(truncatingIfNeeded: 0x30 &+ rest &- tens &* 10)
        } else {
            target[-1] = UInt8(truncatingIfNeeded: 0x30 &+ rest)
        }
        advance(by: count)
    }

    private static func decimalLength(_ value: UInt64) -> Int {
        var count = 1
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            count &+= 4
        }
        if rest >= 1000 { return count &+ 3 }
        if rest >= 100 { return count &+ 2 }
        return rest >= 10 ? count &+ 1 : count
    }

    /// Appends `value` in decimal.
    mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(value.magnitude)
    }

    /// Appends `value` in exactly `digits` digits, with zeros in front.
    mutating func appendDigits(_ value: UInt32, count digits: Int) {
        reserve(digits)
        var rest = value
        var place = digits
        while place > 0 {
            place &-= 1
            spare[place] = UInt8(truncatingIfNeeded: 0x30 &+ rest % 10)
            rest /= 10
        }
        advance(by: digits)
    }

    /// Appends the shortest text that reads back as `value`; NaN and infinities as ProtoJSON's strings.
    mutating func appendJSON(_ value: Double) {
        if !value.isFinite {
            appendNonFinite(isNaN: value.isNaN, isNegative: value < 0)
        } else if let whole = Int64(exactly: value), whole.magnitude < 1 << 53, whole != 0 {
            appendDecimal(whole)
        } else {
            var digits = FloatDigits()
            value.write(to: &digits)
            digits.append(to: &self)
        }
    }

    /// Appends the shortest text that reads back as `value`; NaN and infinities as ProtoJSON's strings.
    mutating func appendJSON(_ value: Float) {
        if !value.isFinite {
            appendNonFinite(isNaN: value.isNaN, isNegative: value < 0)
        } else if let whole = Int64(exactly: value), whole.magnitude < 1 << 24, whole != 0 {
            appendDecimal(whole)
        } else {
            var digits = FloatDigits()
            value.write(to: &digits)
            digits.append(to: &self)
        }
    }

    private mutating func appendNonFinite(isNaN: Bool, isNegative: Bool) {
        if isNaN {
            append("\"NaN\"")
        } else if isNegative {
            append("\"-Infinity\"")
        } else {
            append("\"Infinity\"")
        }
    }
}

/// Catches the text of one floating-point number, without a `String` for it.
///
/// The standard library writes numbers through `_writeASCII` where a stream has it and through `write` otherwise, so
/// the underscored one only saves an allocation. No `Double` or `Float` takes more than 32 bytes.
private struct FloatDigits: TextOutputStream {
    private var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    private var count = 0

    mutating func write(_ string: String) {
        var copy = string
        copy.withUTF8 { _writeASCII($0) }
    }

    mutating func _writeASCII(_ text: UnsafeBufferPointer<UInt8>) {
        let fitting = min(text.count, 32 &- count)
        let start = count
        withUnsafeMutableBytes(of: &bytes) { room in
            for index in 0..<fitting { room[start &+ index] = text[index] }
        }
        count &+= fitting
    }

    /// Appends the number without the ".0" that Swift gives whole ones.
    ///
    /// Negative zero keeps it: many JSON readers take `-0` for an integer, which has no sign.
    func append(to buffer: inout ByteBuffer) {
        withUnsafeBytes(of: bytes) { room in
            let isNegativeZero = count == 4 && room[0] == UInt8(ascii: "-") && room[1] == UInt8(ascii: "0")
            var length = count
            if length > 2, room[length &- 1] == UInt8(ascii: "0"), room[length &- 2] == UInt8(ascii: "."),
                !isNegativeZero
            {
                length &-= 2
            }
            buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[..<length]))
        }
    }
}
