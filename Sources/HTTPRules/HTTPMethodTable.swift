internal import Bytes

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
            if token.equals("GET") { return .get }
            if token.equals("PUT") { return .put }
        case 4:
            if token.equals("POST") { return .post }
            if token.equals("HEAD") { return .head }
        case 5:
            if token.equals("PATCH") { return .patch }
        case 6:
            if token.equals("DELETE") { return .delete }
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
}
