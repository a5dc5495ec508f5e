/// Identifiers of TypeScript, here of ASCII alone.
enum Identifier {
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy(isPart)
    }

    /// `name` with everything that no identifier has as `_`.
    static func made(from name: String) -> String {
        var bytes = name.utf8.map { isPart($0) ? $0 : UInt8(ascii: "_") }
        if bytes.first.map(isDigit) ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `SubmitJob` as `submitJob`, `HTTPGet` as `httpGet`, `submit_job` as `submitJob`.
    static func lowerCamelCase(_ name: String) -> String {
        var bytes = Array(made(from: name).utf8)
        let upperCount = bytes.prefix { isUpper($0) }.count
        // The last of several capitals begins the next word.
        let lowered =
            upperCount > 1 && upperCount < bytes.count && !isDigit(bytes[upperCount]) ? upperCount - 1 : upperCount
        for index in 0..<lowered { bytes[index] |= 0x20 }
        var result: [UInt8] = []
        var raisesNext = false
        for byte in bytes {
            if byte == UInt8(ascii: "_"), !result.isEmpty {
                raisesNext = true
            } else {
                result.append(raisesNext && isLower(byte) ? byte & 0xDF : byte)
                raisesNext = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `organization_id` as `OrganizationId`.
    static func upperCamelCase(_ name: String) -> String {
        let name = lowerCamelCase(name)
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        isUpper(byte) || isLower(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
