internal import Bytes
internal import EventLoop

/// What trusted proxies say of a request, in either of two spellings.
///
/// The way is followed from its end: the gateway's peer is known, and where it is trusted, so is what it says of its own
/// peer, and so on up to the first one that is not trusted: the client. What stands before that is the client's own word
/// and does not count. What is malformed, hidden or missing ends the way too, and the last one known is the client.
struct ForwardedWay {
    /// Most proxies that are followed.
    static let maximumHops = 32

    private let trusted: TrustedProxies
    private var origin: ClientOrigin
    /// Elements that were followed.
    private var count = 0

    private init(_ origin: ClientOrigin, _ trusted: TrustedProxies) {
        self.origin = origin
        self.trusted = trusted
    }

    /// Goes one proxy further; false if the way ends before `node`, or with it.
    private mutating func follow(_ node: ForwardedNode?) -> Bool {
        guard count < ForwardedWay.maximumHops, case .address(let address)? = node else { return false }
        count += 1
        if let proxy = origin.address { origin.proxies.insert(proxy, at: 0) }
        origin.address = address
        return trusted.contains(address)
    }

    /// By the value of `Forwarded`; nil if it is malformed.
    ///
    /// Scheme and host are those of the element at which the way ends.
    static func forwarded(
        _ field: UnsafeRawBufferPointer,
        _ seen: ClientOrigin,
        _ trusted: TrustedProxies
    ) -> ClientOrigin? {
        guard let elements = ForwardedField.elements(of: field) else { return nil }
        var way = ForwardedWay(seen, trusted)
        var index = elements.count - 1
        while way.follow(elements[index].node), index > 0 { index -= 1 }
        // Wherever the way ends, this is still the word of a trusted proxy.
        let element = elements[index]
        way.origin.isSecure = element.isSecure ?? seen.isSecure
        way.origin.host = element.host
        return way.origin
    }

    /// By the values of `X-Forwarded-For`, `-Proto` and `-Host`, empty where there are none.
    ///
    /// The latter two may have an element for each of the first one's, of which the one at which the way ends counts, or any
    /// other number, of which the last one, which is the peer's own word.
    static func xForwarded(
        addresses: UnsafeRawBufferPointer,
        schemes: UnsafeRawBufferPointer,
        hosts: UnsafeRawBufferPointer,
        _ seen: ClientOrigin,
        _ trusted: TrustedProxies
    ) -> ClientOrigin {
        var way = ForwardedWay(seen, trusted)
        var nodes = ForwardedList(addresses)
        // How many elements stand behind the one at which the way ends.
        var behind = -1
        while let node = nodes.popLast() {
            behind += 1
            guard way.follow(ForwardedNode(node)) else { break }
        }
        let count = behind + 1 + nodes.count
        if let isSecure = element(of: schemes, behind, count).flatMap({ ForwardedElement.isSecure($0[...]) }) {
            way.origin.isSecure = isSecure
        }
        way.origin.host = element(of: hosts, behind, count).flatMap(ForwardedElement.host)
        return way.origin
    }

    /// The element with `behind` others behind it if there are `count`, else the last one.
    private static func element(
        of list: UnsafeRawBufferPointer,
        _ behind: Int,
        _ count: Int
    ) -> UnsafeRawBufferPointer? {
        var list = ForwardedList(list)
        if behind > 0, list.count == count {
            for _ in 0..<behind { _ = list.popLast() }
        }
        return list.popLast()
    }
}
