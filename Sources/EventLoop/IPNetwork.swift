/// The addresses that begin with the same bits (RFC 4632, section 3.1).
package struct IPNetwork: Hashable, Sendable {
    /// The bits that they share, zeros behind.
    private let address: IPAddress
    /// How many bits that is, of IPv6's form.
    private let length: Int

    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or an address, which is a network of one.
    ///
    /// Bits behind the prefix do not matter. Nil for anything else.
    package init?(parsing text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(parsing: String(first)) else { return nil }
        let isV4Text = !first.contains(":")
        var length = 128
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                let bits = Int(digits), bits <= (isV4Text ? 32 : 128)
            else { return nil }
            length = isV4Text ? 96 + bits : bits
        }
        self.length = length
        self.address = IPNetwork.masked(address, length)
    }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        IPAddress(
            high: address.high & mask(min(length, 64)),
            low: address.low & mask(max(length - 64, 0))
        )
    }

    /// `count` ones, from the uppermost bit on.
    private static func mask(_ count: Int) -> UInt64 { count == 0 ? 0 : .max << UInt64(64 - count) }

    /// Whether `other` is one of the addresses; an IPv6 network such as `::/0` has none of IPv4.
    package func contains(_ other: IPAddress) -> Bool {
        guard other.isIPv4 == (length >= 96 && address.isIPv4) else { return false }
        return IPNetwork.masked(other, length) == address
    }
}
