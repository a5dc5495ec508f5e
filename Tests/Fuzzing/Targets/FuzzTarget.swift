/// Something that takes any bytes at all, and says what must hold whatever they are.
///
/// A target keeps transcoders from one input to the next, as a worker does, and is used by one thread.
package protocol FuzzTarget: AnyObject {
    init() throws

    /// Throws if the input breaks what the target promises; a trap is a finding just as well.
    func run(_ input: UnsafeRawBufferPointer) throws(BrokenInvariant)
}

/// The targets by name.
package enum FuzzTargets {
    package static var all: [(name: String, type: any FuzzTarget.Type)] {
        [("json", JSONFuzzTarget.self), ("wire", WireFuzzTarget.self), ("path", PathFuzzTarget.self)]
    }

    package static func target(named name: String) -> (any FuzzTarget.Type)? {
        all.first { $0.name == name }?.type
    }
}

/// A promise that an input has broken.
package struct BrokenInvariant: Error, CustomStringConvertible {
    package let description: String

    /// Shows `evidence` as text, or as hexadecimal digits where it is none.
    init(_ promise: String, _ evidence: [UInt8]...) {
        description = ([promise] + evidence.map(BrokenInvariant.text)).joined(separator: "\n    ")
    }

    private static func text(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(where: { $0 < 0x20 }) {
            return text
        }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
