/// A request method, interned by an ``HTTPMethodTable`` so that routes compare one byte.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let get = HTTPMethod(rawValue: 0)
    package static let head = HTTPMethod(rawValue: 1)
    package static let put = HTTPMethod(rawValue: 2)
    package static let post = HTTPMethod(rawValue: 3)
    package static let delete = HTTPMethod(rawValue: 4)
    package static let patch = HTTPMethod(rawValue: 5)
    /// The `*` of a custom rule: whatever the request says.
    package static let any = HTTPMethod(rawValue: 6)
    /// A token that no route names.
    package static let unknown = HTTPMethod(rawValue: .max)
}

/// A set of interned methods.
package struct HTTPMethodSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The set of `method` alone, empty for ``HTTPMethod/unknown``.
    @inlinable
    package init(_ method: HTTPMethod) {
        // A smart shift by 255 gives 0.
        rawValue = 1 << UInt64(method.rawValue)
    }
}
