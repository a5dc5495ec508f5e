internal import EventLoop

extension Array where Element == SocketAddress {
    /// The addresses with their families taking turns, the first one's family first (RFC 8305, section 4).
    ///
    /// Within a family the resolver's order stays (RFC 6724).
    var interleavedByFamily: [SocketAddress] {
        guard let first else { return [] }
        let isOfFirstFamily = { (address: SocketAddress) in address.isIPv6 == first.isIPv6 }
        let leading = filter(isOfFirstFamily)
        let others = filter { !isOfFirstFamily($0) }
        var result: [SocketAddress] = []
        result.reserveCapacity(count)
        for index in 0..<Swift.max(leading.count, others.count) {
            if index < leading.count { result.append(leading[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }
}
