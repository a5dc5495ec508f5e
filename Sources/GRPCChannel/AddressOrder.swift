internal import EventLoop

extension Array where Element == SocketAddress {
    /// The addresses with their families taking turns, the first one's family first (RFC 8305, section 4).
    ///
    /// Within a family the resolver's order stays (RFC 6724), and one address of the first family leads ("First Address
    /// Family Count"). The order decides who is used where there are more than
    /// ``GRPCChannel/Configuration/maxAddressesPerTarget`` and who gets the first call; all are connected to at once, so
    /// section 5's delay between attempts is none.
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
