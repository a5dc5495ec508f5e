/// 32 bytes that stand for a secret and say nothing about it to whoever lacks the key of its ``KeyedHash``.
package struct Digest: Hashable, Sendable {
    private let words: InlineWords

    private struct InlineWords: Hashable, Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    /// All zeros, which is no secret's.
    package static let zero = Digest()

    private init() {
        words = InlineWords()
    }

    /// The digest that `write` puts into 32 bytes.
    init(_ write: (UnsafeMutableRawBufferPointer) -> Void) {
        var words = InlineWords()
        withUnsafeMutableBytes(of: &words, write)
        self.words = words
    }

    /// Compares in a time that does not depend on where the two differ.
    package func equalsInConstantTime(_ other: Digest) -> Bool {
        let difference =
            (words.first ^ other.words.first) | (words.second ^ other.words.second)
            | (words.third ^ other.words.third) | (words.fourth ^ other.words.fourth)
        return difference == 0
    }

    /// A quarter is as random as the whole.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.first)
    }
}
