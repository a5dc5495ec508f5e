/// The methods that a set of routes uses, numbered.
package struct HTTPMethodTable: Sendable {
    /// By ``HTTPMethod/rawValue``.
    private var names = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "*"]
    private let firstCustom = 7

    package init() {}

    /// The number of `name`, given now if it had none; nil where all 64 are taken.
    package mutating func intern(_ name: String) -> HTTPMethod? {
        if let index = names.firstIndex(of: name) { return HTTPMethod(rawValue: UInt8(index)) }
        guard names.count < UInt64.bitWidth else { return nil }
        names.append(name)
        return HTTPMethod(rawValue: UInt8(names.count - 1))
    }

    /// The method of a request by its raw token, ``HTTPMethod/unknown`` if no route names it.
    ///
    /// Tokens are case-sensitive (RFC 9110, section 9.1).
    package func method(_ token: UnsafeRawBufferPointer) -> HTTPMethod {
        switch token.count {
        case 3:
            if Self.equals(token, "GET") { return .get }
            if Self.equals(token, "PUT") { return .put }
        case 4:
            if Self.equals(token, "POST") { return .post }
            if Self.equals(token, "HEAD") { return .head }
        case 5:
            if Self.equals(token, "PATCH") { return .patch }
        case 6:
            if Self.equals(token, "DELETE") { return .delete }
        default:
            break
        }
        for index in firstCustom..<names.count where names[index].utf8.elementsEqual(token) {
            return HTTPMethod(rawValue: UInt8(index))
        }
        return .unknown
    }

    package func name(of method: HTTPMethod) -> String {
        Int(method.rawValue) < names.count ? names[Int(method.rawValue)] : "?"
    }

    /// The value of an `Allow` header: names in alphabetical order, HEAD wherever GET is.
    package func allow(_ methods: HTTPMethodSet) -> String {
        var methods = methods
        if methods.contains(HTTPMethodSet(.get)) { methods.insert(HTTPMethodSet(.head)) }
        return names.indices.filter { methods.contains(HTTPMethodSet(HTTPMethod(rawValue: UInt8($0)))) }
            .map { names[$0] }
            .sorted()
            .joined(separator: ", ")
    }

    @inline(__always)
    private static func equals(_ token: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
        let other = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        for index in other.indices where token[index] != other[index] { return false }
        return true
    }
}
