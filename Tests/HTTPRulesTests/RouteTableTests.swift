import HTTPRules
import ProtobufSchema
import Testing

@Suite struct RouteTableTests {
    @Test func listsRoutesInAStableOrder() throws {
        let listing = try RouteTable(TestSchema.load("routes")).listing
        #expect(
            listing == """
                *       /any/{name}                                test.routes.Shelf/DeleteBook
                GET     /v1/at/{read_at}/{view.depth}/{view.lang}  test.routes.Shelf/GetBook
                POST    /v1/books                                  test.routes.Shelf/CreateBook
                PUT     /v1/books/{book.name}                      test.routes.Shelf/CreateBook
                PATCH   /v1/books/{book.name}:change               test.routes.Shelf/CreateBook
                GET     /v1/books/{name}                           test.routes.Shelf/GetBook
                GET     /v1/books:watch                            test.routes.Shelf/WatchBooks
                DELETE  /v1/{name=**}                              test.routes.Shelf/DeleteBook
                PURGE   /v1/{name=**}                              test.routes.Shelf/DeleteBook
                GET     /v1/{name=shelves/*/books/*}               test.routes.Shelf/GetBook

                """
        )
    }

    @Test(arguments: [
        ("GET", "/v1/shelves/a/books/b%2Fc", "/v1/{name=shelves/*/books/*}", ["shelves/a/books/b%2Fc"]),
        ("HEAD", "/v1/books/1", "/v1/books/{name}", ["1"]),
        ("PATCH", "/v1/books/1:change", "/v1/books/{book.name}:change", ["1"]),
        ("PURGE", "/v1/books/1", "/v1/{name=**}", ["books/1"]),
        ("TRACE", "/any/x", "/any/{name}", ["x"]),
        (
            "GET", "/v1/at/2026-01-01T00:00:00Z/3/LANGUAGE_DE", "/v1/at/{read_at}/{view.depth}/{view.lang}",
            ["2026-01-01T00:00:00Z", "3", "LANGUAGE_DE"]
        ),
    ])
    func findsRoutes(_ method: String, _ path: String, _ template: String, _ expected: [String]) throws {
        let table = try RouteTable(TestSchema.load("routes"))
        let (result, captures) = match(table, method, path)
        guard case .match(let route, let isHead) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(table.routes[route].template.text == template)
        #expect(isHead == (method == "HEAD"))
        #expect(captures == expected)
    }

    @Test func tellsWhatIsAllowed() throws {
        let table = try RouteTable(TestSchema.load("routes"))
        guard case .methodNotAllowed(let allowed) = match(table, "TRACE", "/v1/books/1").result else {
            Issue.record("TRACE was not refused")
            return
        }
        #expect(table.allow(allowed) == "DELETE, GET, HEAD, PURGE, PUT")
        #expect(match(table, "GET", "/v2").result == .notFound)
        #expect(match(table, "GET", "/v1/%").result == .badRequest(.malformedEscape(offset: 4)))
    }

    private func match(_ table: RouteTable, _ method: String, _ path: String) -> (
        result: RouteMatch, captures: [String]
    ) {
        Array(method.utf8).withUnsafeBytes { method in
            Array(path.utf8).withUnsafeBytes { path in
                var captures = PathCaptures()
                let result = table.match(method: method, path: path, captures: &captures)
                let texts = (0..<captures.count).map { String(decoding: captures.bytes($0, of: path), as: UTF8.self) }
                return (result, texts)
            }
        }
    }
}
