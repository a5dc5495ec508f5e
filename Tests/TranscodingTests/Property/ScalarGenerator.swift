import GatewayTesting
import ProtobufSchema

/// Makes up scalars, those at the edges of their ranges more often than chance would.
struct ScalarGenerator {
    let schema: Schema
    var random: SeededRandom

    /// A value of a scalar or enum as it follows its tag.
    mutating func value(of info: FieldInfo) -> [UInt8] {
        switch info.kind {
        case .double: fixed(double().bitPattern)
        case .float: fixed(float().bitPattern)
        case .int64, .uint64: RandomValue.varint(integer())
        case .int32: RandomValue.varint(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: integer()))))
        case .uint32: RandomValue.varint(UInt64(UInt32(truncatingIfNeeded: integer())))
        case .sint32: RandomValue.varint(UInt64(zigzag(Int32(truncatingIfNeeded: integer()))))
        case .sint64: RandomValue.varint(zigzag(Int64(bitPattern: integer())))
        case .fixed64, .sfixed64: fixed(integer())
        case .fixed32, .sfixed32: fixed(UInt32(truncatingIfNeeded: integer()))
        case .bool: [random.oneIn(2) ? 1 : 0]
        case .string: RandomValue.lengthDelimited(Array(string().utf8))
        case .bytes: RandomValue.lengthDelimited(bytes())
        case .enumeration: RandomValue.varint(UInt64(bitPattern: Int64(enumNumber(of: info))))
        case .message, .group: []
        }
    }

    /// A number that an enum field may hold: one with a name, or any if the enum is open.
    private mutating func enumNumber(of info: FieldInfo) -> Int32 {
        guard let index = info.childEnum else { return 0 }
        let enumeration = schema[index]
        if enumeration.fullName == "google.protobuf.NullValue" { return 0 }
        if !enumeration.isClosed, random.oneIn(5) { return Int32(truncatingIfNeeded: integer()) }
        return random.pick(enumeration.values.map(\.number))
    }

    mutating func integer() -> UInt64 {
        let edges: [UInt64] = [
            0, 1, 127, 128, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 53, (1 << 53) + 1, 0x7FFF_FFFF_FFFF_FFFF,
            1 << 63, .max,
        ]
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: random.pick(edges)
        case 1: random.next()
        case 2: UInt64.random(in: 0..<1000, using: &random)
        default: UInt64(bitPattern: Int64.random(in: -1000..<0, using: &random))
        }
    }

    mutating func double() -> Double {
        let edges: [Double] = [
            0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e21, 1e22, 1e-5, 1e-7, .leastNonzeroMagnitude, 2.2250738585072014e-308,
            1.7976931348623157e308, .infinity, -.infinity, .nan,
        ]
        if random.oneIn(3) { return random.pick(edges) }
        if random.oneIn(3) { return Double(Int64.random(in: -100_000...100_000, using: &random)) / 100 }
        let value = Double(bitPattern: random.next())
        // JSON has one NaN only.
        return value.isNaN ? .nan : value
    }

    mutating func float() -> Float {
        let edges: [Float] = [
            0, -0.0, 1, 0.1, 16_777_216, 1e10, .leastNonzeroMagnitude, 3.4028235e38, .infinity, -.infinity, .nan,
        ]
        if random.oneIn(3) { return random.pick(edges) }
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
        return value.isNaN ? .nan : value
    }

    /// Text with everything that JSON escapes and UTF-8 tells apart.
    ///
    /// No combining characters: to Swift, strings that are canonically equivalent are one map key.
    mutating func string() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "_", ".", "\"", "\\", "/", "\u{0}", "\u{1}", "\u{8}", "\n", "\r", "\t", "\u{C}",
            "\u{1F}", "\u{7F}", "\u{80}", "é", "\u{7FF}", "\u{800}", "日", "\u{2028}", "\u{FEFF}", "\u{FFFF}", "😀",
            "\u{10FFFF}", "<", "&", "'", "{", "[", ",", ":",
        ]
        if random.oneIn(20) { return String(repeating: "long ", count: Int.random(in: 20...60, using: &random)) }
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...10, using: &random) { text.append(random.pick(scalars)) }
        return String(text)
    }

    mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func zigzag(_ value: Int32) -> UInt32 { UInt32(bitPattern: value << 1 ^ value >> 31) }

    private func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

    private func fixed<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
