internal import Glibc

/// An IP address, without port and zone.
///
/// An IPv4 address is kept in IPv6's form of it, `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2), so that a client has the same
/// address on whatever socket it comes.
package struct IPAddress: Hashable, Sendable {
    /// The first eight bytes of the IPv6 form, the first one uppermost.
    package let high: UInt64
    /// The other eight.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The address of four or sixteen bytes in network order, nil for any other number.
    package init?(bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 4:
            let address = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
            self.init(high: 0, low: IPAddress.mapped | UInt64(address))
        case 16:
            self.init(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        default:
            return nil
        }
    }

    /// The address in a `sockaddr`, which must be as long as its family says; nil if it is of neither family.
    package init?(socketAddress address: UnsafeRawPointer) {
        switch Int32(address.load(as: sockaddr.self).sa_family) {
        case AF_INET:
            let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 4
            self.init(bytes: UnsafeRawBufferPointer(start: address + offset, count: 4))
        case AF_INET6:
            let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
            self.init(bytes: UnsafeRawBufferPointer(start: address + offset, count: 16))
        default:
            return nil
        }
    }

    /// Reads `192.0.2.1` or `2001:db8::1`: no brackets, no port, no zone.
    package init?(parsing text: UnsafeRawBufferPointer) {
        guard !text.isEmpty, text.count < Int(INET6_ADDRSTRLEN), !text.contains(0) else { return nil }
        let isV6 = text.contains(UInt8(ascii: ":"))
        var address = (UInt64(0), UInt64(0))
        let isAddress = withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { copy in
            copy.copyMemory(from: text)
            copy[text.count] = 0
            let string = copy.assumingMemoryBound(to: CChar.self).baseAddress
            guard let string else { return false }
            return inet_pton(isV6 ? AF_INET6 : AF_INET, string, &address) == 1
        }
        guard isAddress else { return nil }
        let parsed = withUnsafeBytes(of: &address) {
            IPAddress(bytes: UnsafeRawBufferPointer(rebasing: $0[..<(isV6 ? 16 : 4)]))
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// As ``init(parsing:)-(UnsafeRawBufferPointer)`` does.
    package init?(parsing text: String) {
        var text = text
        guard let address = text.withUTF8({ IPAddress(parsing: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = address
    }

    /// What stands before the four bytes of an IPv4 address.
    private static var mapped: UInt64 { 0xFFFF_0000_0000 }

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// What one client is taken to have: an IPv4 address, or an IPv6 network of 64 bits.
    ///
    /// The smallest network that anyone is given has 64 bits (RFC 6177), and each of its addresses is free to use.
    package var clientNetwork: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }
}

extension IPAddress: CustomStringConvertible {
    /// `192.0.2.1` or `2001:db8::1` (RFC 5952).
    package var description: String {
        if isIPv4 { return dottedDecimal }
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { address in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                let text = inet_ntop(AF_INET6, address.baseAddress, buffer.baseAddress, socklen_t(buffer.count))
                return text.map { String(cString: $0) } ?? ""
            }
        }
    }

    /// Of an IPv4 address; it is asked for by each request, and inet_ntop(3) goes through printf.
    private var dottedDecimal: String {
        String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            func put(_ byte: UInt8) {
                text[count] = byte
                count += 1
            }
            for shift in stride(from: UInt64(24), through: 0, by: -8) {
                if shift < 24 { put(UInt8(ascii: ".")) }
                let number = UInt8(truncatingIfNeeded: low >> shift)
                if number >= 100 { put(UInt8(ascii: "0") + number / 100) }
                if number >= 10 { put(UInt8(ascii: "0") + number / 10 % 10) }
                put(UInt8(ascii: "0") + number % 10)
            }
            return count
        }
    }
}
