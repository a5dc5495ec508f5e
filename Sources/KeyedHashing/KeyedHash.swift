internal import CGnuTLS
internal import Glibc

/// HMAC-SHA256 (RFC 2104) under a key that is made at random and never leaves this value.
///
/// What is kept of a secret is its digest alone: to find it again, or to compare it in a time that tells nothing.
package struct KeyedHash: Sendable {
    /// Most bytes of one text.
    package static let maximumTextSize = 4096

    private let key: [UInt8]

    /// A hash with a key of its own, from the kernel's generator.
    package init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The digest of a pair of texts; pairs that differ in either have different ones.
    ///
    /// - Returns: nil if a text is longer than ``maximumTextSize``, or GnuTLS has no HMAC-SHA256 to give.
    package func digest(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Digest? {
        guard first.count <= KeyedHash.maximumTextSize, second.count <= KeyedHash.maximumTextSize else { return nil }
        // The first one's length tells where the second begins.
        let prefix = MemoryLayout<UInt64>.size
        let size = prefix + first.count + second.count
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: prefix) { text in
            // It holds secrets, and the stack is used again.
            defer { text.baseAddress.map { explicit_bzero($0, size) } }
            text.storeBytes(of: UInt64(first.count), as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: text[prefix...]).copyMemory(from: first)
            UnsafeMutableRawBufferPointer(rebasing: text[(prefix + first.count)...]).copyMemory(from: second)
            var result: Int32 = 0
            let digest = Digest { output in
                // Rule (d): all three are lent for the length of this call.
                result = gnutls_hmac_fast(
                    GNUTLS_MAC_SHA256,
                    key,
                    key.count,
                    text.baseAddress,
                    size,
                    output.baseAddress
                )
            }
            return result == 0 ? digest : nil
        }
    }

    /// The digest of one text.
    package func digest(_ text: UnsafeRawBufferPointer) -> Digest? {
        digest(text, UnsafeRawBufferPointer(start: nil, count: 0))
    }
}

extension KeyedHash: CustomReflectable {
    /// Nothing, so that no dump of a value shows the key.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
