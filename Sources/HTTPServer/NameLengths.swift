/// Which field names a header may hold, by their lengths alone.
///
/// Most lookups are for fields that are not there, and most lists have one line: this tells so without a look at the header.
struct NameLengths {
    /// A bit for each length; those above 63 share the bits of shorter ones.
    private var once: UInt64
    private var again: UInt64

    /// Those of a header without fields.
    init() { (once, again) = (0, 0) }

    private init(all bits: UInt64) { (once, again) = (bits, bits) }

    /// Those of a header that nobody has looked at, which may hold anything.
    static var unknown: NameLengths { NameLengths(all: .max) }

    mutating func add(_ length: Int) {
        let bit = NameLengths.bit(length)
        again |= once & bit
        once |= bit
    }

    /// Whether a name of that length may be there.
    func mayHold(_ length: Int) -> Bool { once & NameLengths.bit(length) != 0 }

    /// Whether a name of that length may be there more than once.
    func mayRepeat(_ length: Int) -> Bool { again & NameLengths.bit(length) != 0 }

    private static func bit(_ length: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: length) }
}
