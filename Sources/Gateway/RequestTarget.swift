/// The path and the query of a request target, both still percent-encoded (RFC 9112, section 3.2).
struct RequestTarget {
    /// From the first `/` on.
    private(set) var path: UnsafeRawBufferPointer
    /// Behind the first `?`, empty if there is none.
    let query: UnsafeRawBufferPointer

    /// Cuts a target in origin form (`/path?query`) or absolute form (`http://host/path?query`).
    ///
    /// Both views borrow from `target`. The empty path of an absolute form is `/`, or `*` of OPTIONS without a query
    /// (RFC 9110, section 4.2.3, and RFC 9112, section 3.2.4). The asterisk and authority forms come out as a path that no route matches.
    init(_ target: UnsafeRawBufferPointer, isOptions: Bool = false) {
        let rest = RequestTarget.withoutOrigin(target)
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            path = UnsafeRawBufferPointer(rebasing: rest[..<mark])
            query = UnsafeRawBufferPointer(rebasing: rest[(mark + 1)...])
        } else {
            path = rest
            query = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        guard path.isEmpty, !target.isEmpty else { return }
        path = RequestTarget.bytes(of: isOptions && rest.isEmpty ? "*" : "/")
    }

    private static func bytes(of literal: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    /// Takes `base` off the path.
    ///
    /// - Returns: whether it was there; `*`, which is no path, stays as it is (RFC 9112, section 3.2.4).
    mutating func remove(_ base: BasePath) -> Bool {
        if path.count == 1, path[0] == UInt8(ascii: "*") { return true }
        guard let rest = base.rest(of: path) else { return false }
        path = rest
        return true
    }

    private static func withoutOrigin(_ target: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let first = target.first, first != UInt8(ascii: "/") else { return target }
        // scheme "://" authority, where the scheme holds no "/" (RFC 3986, section 3).
        guard let colon = target.firstIndex(of: UInt8(ascii: ":")), target.count > colon + 2,
            target[colon + 1] == UInt8(ascii: "/"), target[colon + 2] == UInt8(ascii: "/")
        else { return target }
        let authority = target[(colon + 3)...]
        guard let slash = authority.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(rebasing: target[slash...])
    }
}
