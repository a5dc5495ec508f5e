import HTTPRules
import Testing

@Suite struct HTTPMethodTableTests {
    private func method(_ token: String, in table: HTTPMethodTable) -> HTTPMethod {
        Array(token.utf8).withUnsafeBytes { table.method($0) }
    }

    @Test(arguments: [
        ("GET", HTTPMethod.get), ("HEAD", .head), ("PUT", .put), ("POST", .post), ("DELETE", .delete),
        ("PATCH", .patch), ("get", .unknown), ("GETS", .unknown), ("GE", .unknown), ("", .unknown), ("*", .unknown),
        ("OPTIONS", .unknown), ("PURGE", .unknown),
    ])
    func knowsTheUsualOnes(_ token: String, _ expected: HTTPMethod) {
        #expect(method(token, in: HTTPMethodTable()) == expected)
    }

    @Test func internsCustomTokens() {
        var table = HTTPMethodTable()
        let purge = table.intern("PURGE")
        #expect(purge != nil && table.intern("PURGE") == purge)
        #expect(table.intern("GET") == .get)
        #expect(table.intern("*") == .any)
        #expect(method("PURGE", in: table) == purge)
        #expect(method("purge", in: table) == .unknown)
        for index in 0..<56 { #expect(table.intern("M\(index)") != nil) }
        #expect(table.intern("ONEMORE") == nil)
        #expect(method("M55", in: table).rawValue == 63)
    }

    @Test func allowIsCompleteAndOrdered() {
        var table = HTTPMethodTable()
        let purge = table.intern("PURGE") ?? .unknown
        let methods: HTTPMethodSet = [HTTPMethodSet(purge), HTTPMethodSet(.get), HTTPMethodSet(.delete)]
        #expect(table.allow(methods) == "DELETE, GET, HEAD, PURGE")
        #expect(table.allow(HTTPMethodSet(.post)) == "POST")
        #expect(table.allow([]) == "")
        #expect(HTTPMethodSet(.unknown).isEmpty)
    }
}
