import HTTPRules
import ServiceConfig
import Testing

@Suite struct ServiceConfigTests {
    private static let full = """
        # Other sections are none of our business.
        type: google.api.Service
        config_version: 3
        name: shelf.example.com
        title: "Shelf &co, *cow"
        apis:
          - name: test.routes.Shelf
        documentation:
          summary: |
            * a list
            {name=**} %YAML
        http:
          fully_decode_reserved_expansion: false
          rules:
            - selector: test.routes.Shelf.Plain
              get: /v2/{name=shelves/*}
              response_body: name
              additional_bindings:
                - custom: {kind: PURGE, path: /v2/**}
                - {post: "/v2:plain", body: "*"}
            - selector: test.routes.Shelf.CreateBook
              put: '/v2/books'
              body: book
              responseBody: book
              additionalBindings: [{patch: /v2/books, body: book, selector: test.routes.Shelf.CreateBook}]
            - selector: test.routes.Shelf.DeleteBook
              delete: >-
                /v2/books/{name}:remove
              body: null
              additional_bindings: ~
        """

    @Test func readsEveryKey() throws {
        let lines = try TestFile.table(Self.full).listing.split(separator: "\n")
            .map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines == [
                "GET /v1/at/{read_at}/{view.depth}/{view.lang} test.routes.Shelf/GetBook",
                "GET /v1/books/{name} test.routes.Shelf/GetBook",
                "GET /v1/books:watch test.routes.Shelf/WatchBooks",
                "GET /v1/{name=shelves/*/books/*} test.routes.Shelf/GetBook",
                "PURGE /v2/** test.routes.Shelf/Plain",
                "PATCH /v2/books test.routes.Shelf/CreateBook",
                "PUT /v2/books test.routes.Shelf/CreateBook",
                "DELETE /v2/books/{name}:remove test.routes.Shelf/DeleteBook",
                "GET /v2/{name=shelves/*} test.routes.Shelf/Plain",
                "POST /v2:plain test.routes.Shelf/Plain",
            ]
        )
    }

    /// A method's annotation is overridden as a whole, its bodies and additional bindings too.
    @Test func aRuleTakesThePlaceOfTheAnnotation() throws {
        let table = try TestFile.table(
            TestFile.config("  rules: [{selector: test.routes.Shelf.CreateBook, post: /v1/books}]")
        )
        let routes = table.routes.filter { $0.method == "CreateBook" }
        #expect(routes.map(\.template.text) == ["/v1/books"])
        #expect(routes.first?.body == BodyBinding.none && routes.first?.responseBody == nil)
        #expect(table.routes.count == 8)
    }

    /// A rule may take the path of an annotation that another rule overrides.
    @Test func overriddenPathsAreFree() throws {
        let table = try TestFile.table(
            TestFile.config(
                """
                  rules:
                  - {selector: test.routes.Shelf.Plain, get: "/v1/books/{name}"}
                  - {selector: test.routes.Shelf.GetBook, get: "/v1/old/{name}"}
                """
            )
        )
        #expect(table.routes.filter { $0.template.text == "/v1/books/{name}" }.map(\.method) == ["Plain"])
    }

    @Test func mapsWhatTheFileLeavesOut() throws {
        let text = TestFile.config("  rules: [{selector: test.routes.Shelf.GetBook, get: /v3}]")
        let mapped = try TestFile.table(text, mapsMethodsWithoutRule: true).routes.filter {
            $0.template.text.hasPrefix("/test.")
        }
        #expect(mapped.map(\.template.text) == ["/test.routes.Shelf/Plain"])
        let none = TestFile.config("  rules: [{selector: test.routes.Shelf.Plain, get: /v3}]")
        #expect(
            try !TestFile.table(none, mapsMethodsWithoutRule: true).routes.contains {
                $0.template.text.hasPrefix("/test.")
            }
        )
    }

    @Test(arguments: [
        """
        {"type": "google.api.Service", "configVersion": 3, "http": {"rules": [
          {"selector": "test.routes.Shelf.Plain", "post": "/v2/{name}", "body": "*"}]}}
        """,
        "\u{FEFF}type: google.api.Service\r\nhttp:\r\n  rules:\r\n  - selector: test.routes.Shelf.Plain\r\n"
            + "    post: /v2/{name}\r\n    body: '*'\r\n",
        "%YAML 1.1\n---\ntype: google.api.Service\nconfig_version: \"3\"\nhttp: {rules: [{body: \"*\", "
            + "selector: test.routes.Shelf.Plain, post: \"\\x2fv2/{name}\"}]}\n...\n",
    ])
    func readsWhateverIsYAML(_ text: String) throws {
        let route = try #require(try TestFile.table(text).routes.first { $0.method == "Plain" })
        #expect(route.template.text == "/v2/{name}" && route.body == .message && route.httpMethodName == "POST")
    }

    @Test func aFileWithoutRulesChangesNothing() throws {
        for http in ["  {}", "  rules: []", "  rules:\n", "  fully_decode_reserved_expansion: false"] {
            #expect(try TestFile.table(TestFile.config(http)).routes.count == 10)
        }
    }
}
