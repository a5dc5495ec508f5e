internal import HTTPServer

/// Makes request ids: 32 hexadecimal digits, unique without any coordination between workers.
///
/// The first half is random per worker, the second a counter passed through a bijection (SplitMix64's finalizer), so
/// ids neither repeat within a worker nor show how many came before.
package struct RequestIDGenerator {
    private let prefix: UInt64
    private var counter: UInt64

    package init() {
        var system = SystemRandomNumberGenerator()
        prefix = system.next()
        counter = system.next()
    }

    /// The client's own id, if it has one that can be passed on; a new one otherwise.
    mutating func next(for exchange: Exchange) -> String {
        guard let given = exchange.header("x-request-id"), RequestIDGenerator.isAcceptable(given),
            exchange.list("connection").map({ FieldName.isNamed("x-request-id", by: $0) }) != true
        else { return next() }
        return String(decoding: given, as: UTF8.self)
    }

    /// A new id.
    package mutating func next() -> String {
        counter &+= 0x9E37_79B9_7F4A_7C15
        let mixed = RequestIDGenerator.mix(counter)
        return String(unsafeUninitializedCapacity: 32) { text in
            RequestIDGenerator.write(prefix, to: text, at: 0)
            RequestIDGenerator.write(mixed, to: text, at: 16)
            return 32
        }
    }

    /// Whether a client's own id is passed on: 1 to 128 visible ASCII characters.
    package static func isAcceptable(_ id: UnsafeRawBufferPointer) -> Bool {
        (1...128).contains(id.count) && id.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private static func write(_ value: UInt64, to text: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
        for digit in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - digit * 4)) & 15
            text[offset + digit] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
        }
    }
}
