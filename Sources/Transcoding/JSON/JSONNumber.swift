import Glibc

/// Reads the text of numbers, whether they stood bare or in quotes.
enum JSONNumber {
    /// Length of the number that `text` begins with, nil if it begins with none.
    ///
    ///     number = [ "-" ] ( "0" / digit1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT ]
    static func length(_ text: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        let count = text.count
        func digits() -> Int {
            let first = index
            while index < count, text[index] &- UInt8(ascii: "0") < 10 { index &+= 1 }
            return index &- first
        }
        if index < count, text[index] == UInt8(ascii: "-") { index &+= 1 }
        let startsWithZero = index < count && text[index] == UInt8(ascii: "0")
        let whole = digits()
        if whole == 0 || startsWithZero && whole > 1 { return nil }
        if index < count, text[index] == UInt8(ascii: ".") {
            index &+= 1
            if digits() == 0 { return nil }
        }
        if index < count, text[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") { index &+= 1 }
            if digits() == 0 { return nil }
        }
        return index
    }

    /// The decimal number of a valid token: ± significand × 10^exponent.
    struct Decimal {
        var isNegative = false
        var significand: UInt64 = 0
        var exponent = 0
        /// Whether the significand has more digits than fit; the rest of the value is then not exact.
        var isTruncated = false
    }

    @inline(__always)
    static func decimal(_ token: UnsafeRawBufferPointer) -> Decimal {
        var result = Decimal()
        var index = 0
        let count = token.count
        if count > 0, token[0] == UInt8(ascii: "-") {
            result.isNegative = true
            index = 1
        }
        var isFraction = false
        while index < count {
            let byte = token[index]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                let limit = UInt64.max / 10
                if result.significand < limit || result.significand == limit && digit <= 5 {
                    result.significand = result.significand &* 10 &+ UInt64(digit)
                    if isFraction { result.exponent &-= 1 }
                } else {
                    if digit != 0 { result.isTruncated = true }
                    if !isFraction { result.exponent &+= 1 }
                }
            } else if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                break
            }
            index &+= 1
        }
        if index < count {
            index &+= 1
            var isDown = false
            if token[index] == UInt8(ascii: "+") || token[index] == UInt8(ascii: "-") {
                isDown = token[index] == UInt8(ascii: "-")
                index &+= 1
            }
            var exponent = 0
            while index < count {
                // Beyond any number's range; kept from overflowing.
                if exponent < 1_000_000_000 { exponent = exponent &* 10 &+ Int(token[index] &- UInt8(ascii: "0")) }
                index &+= 1
            }
            result.exponent &+= isDown ? 0 &- exponent : exponent
        }
        return result
    }

    /// Sign and magnitude of a valid token that is a whole number, `1e3` and `10.0` too; nil if it is not or is too big.
    @inline(__always)
    static func integer(_ token: UnsafeRawBufferPointer) -> (isNegative: Bool, magnitude: UInt64)? {
        let decimal = decimal(token)
        if decimal.exponent == 0, !decimal.isTruncated { return (decimal.isNegative, decimal.significand) }
        return scaledInteger(decimal)
    }

    private static func scaledInteger(_ decimal: Decimal) -> (isNegative: Bool, magnitude: UInt64)? {
        var (magnitude, exponent) = (decimal.significand, decimal.exponent)
        if magnitude == 0, !decimal.isTruncated { return (decimal.isNegative, 0) }
        if decimal.isTruncated { return nil }
        while exponent > 0 {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            magnitude = product
            exponent -= 1
        }
        while exponent < 0 {
            let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: 10)
            if remainder != 0 { return nil }
            magnitude = quotient
            exponent += 1
        }
        return (decimal.isNegative, magnitude)
    }

    /// The nearest double to a valid token, infinite if it is out of range.
    static func double(_ token: UnsafeRawBufferPointer) -> Double {
        let decimal = decimal(token)
        // Both factors are exact, so the one rounding is right (Clinger's fast path).
        if !decimal.isTruncated, decimal.significand < 1 << 53, decimal.exponent.magnitude <= 22 {
            var power = 1.0
            for _ in 0..<decimal.exponent.magnitude { power *= 10 }
            let value = Double(decimal.significand)
            let scaled = decimal.exponent < 0 ? value / power : value * power
            return decimal.isNegative ? -scaled : scaled
        }
        return withTerminator(token) { strtod($0, nil) }
    }

    /// The nearest float to a valid token, infinite if it is out of range.
    static func float(_ token: UnsafeRawBufferPointer) -> Float {
        withTerminator(token) { strtof($0, nil) }
    }

    /// Gives the C library, which rounds correctly but wants a NUL, a copy of the token.
    private static func withTerminator<Value>(
        _ token: UnsafeRawBufferPointer,
        _ body: (UnsafePointer<CChar>) -> Value
    ) -> Value {
        withUnsafeTemporaryAllocation(byteCount: token.count + 1, alignment: 1) { copy in
            copy.copyMemory(from: token)
            copy[token.count] = 0
            let text = copy.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self)
            return body(text)
        }
    }
}
