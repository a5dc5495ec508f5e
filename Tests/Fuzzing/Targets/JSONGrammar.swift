/// The grammar of RFC 8259, said once more and without regard to speed, to check what the transcoder takes and prints.
///
///     value  = "null" / "true" / "false" / number / string / "[" [ value *( "," value ) ] "]"
///              / "{" [ string ":" value *( "," string ":" value ) ] "}"
///     number = [ "-" ] ( "0" / 1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT ]
struct JSONGrammar {
    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether `bytes` are one JSON text in UTF-8.
    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var grammar = JSONGrammar(bytes)
        return grammar.text()
    }

    private enum Expected {
        case value, valueOrEnd, key, keyOrEnd, separatorOrEnd
    }

    private mutating func text() -> Bool {
        var closers: [UInt8] = []
        var expected = Expected.value
        while true {
            skipWhiteSpace()
            guard index < bytes.count else { return false }
            let byte = bytes[index]
            switch expected {
            case .separatorOrEnd where byte == UInt8(ascii: ","):
                index += 1
                expected = closers.last == UInt8(ascii: "}") ? .key : .value
                continue
            case .separatorOrEnd:
                guard close(byte, &closers) else { return false }
            case .valueOrEnd where byte == UInt8(ascii: "]"), .keyOrEnd where byte == UInt8(ascii: "}"):
                guard close(byte, &closers) else { return false }
            case .key, .keyOrEnd:
                guard string() else { return false }
                skipWhiteSpace()
                guard take(":") else { return false }
                expected = .value
                continue
            case .value, .valueOrEnd:
                if take("{") {
                    closers.append(UInt8(ascii: "}"))
                    expected = .keyOrEnd
                    continue
                }
                if take("[") {
                    closers.append(UInt8(ascii: "]"))
                    expected = .valueOrEnd
                    continue
                }
                guard take("null") || take("true") || take("false") || string() || number() else { return false }
            }
            if closers.isEmpty { break }
            expected = .separatorOrEnd
        }
        skipWhiteSpace()
        return index == bytes.count
    }

    private mutating func close(_ byte: UInt8, _ closers: inout [UInt8]) -> Bool {
        index += 1
        return closers.popLast() == byte
    }

    private mutating func skipWhiteSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ token: String) -> Bool {
        guard bytes[index...].starts(with: token.utf8) else { return false }
        index += token.utf8.count
        return true
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case ..<0x20: return false
            case UInt8(ascii: "\\"):
                guard index < bytes.count else { return false }
                let escape = bytes[index]
                index += 1
                if escape == UInt8(ascii: "u") {
                    let digits = bytes[index...].prefix(4)
                    guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
                        return false
                    }
                    index += 4
                } else if !"\"\\/bfnrt".utf8.contains(escape) {
                    return false
                }
            default: break
            }
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") {
            guard digits() > 0 else { return false }
        }
        if take(".") {
            guard digits() > 0 else { return false }
        }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() > 0 else { return false }
        }
        return true
    }

    private mutating func digits() -> Int {
        let count = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        index += count
        return count
    }
}
