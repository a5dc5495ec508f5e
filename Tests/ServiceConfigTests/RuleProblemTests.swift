import HTTPRules
import Testing

/// What is said of faulty rules, and of which place.
@Suite struct RuleProblemTests {
    @Test func saysAllThatIsWrongFromTopToEnd() throws {
        let text = """
            type: google.api.Service
            config_version: 2
            http:
              ruels: []
              fully_decode_reserved_expansion: true
              rules:
                - selector: test.routes.Shelf.GetBok
                  get: /v2/a
                - selector: GetBook
                  get: /v2/b
                - selector: test.routes.*
                  get: /v2/c
                - selector: nothing.like.it
                  get: /v2/d
                - get: /v2/e
                - selector: test.routes.Shelf.GetBook
                  get: /v2/é/{name
                  boddy: "*"
                  additional_bindings:
                    - get: "/v2/{nope}/{view}"
                    - put: /v2/f
                      body: bok
                      response_body: nam
                    - get: 5
                    - "get: /v2/g"
                    - get: /v2/h
                      additional_bindings: [{get: /v2/i}]
                    - get: /v2/j
                      selector: test.routes.Shelf.Plain
                - selector: test.routes.Shelf.GetBook
                  get: /v2/k
                - selector: test.routes.Shelf.Plain
                  get: /v2/l
                  post: /v2/l
                - selector: test.routes.Shelf.Upload
                  post: /v2/m
                - selector: test.routes.Shelf.CreateBook
                  body: "*"
                - selector: test.routes.Shelf.DeleteBook
                  custom: {kind: A B, path: /v2/n}
                  additional_bindings:
                    - custom: {path: /v2/o}
                    - custom: PURGE
                    - delete: /v1/books:watch
                    - get: /v1/books:watch
                    - get: /v2/p
                      body: "*"
                - 7
                - selector: test.routes.Shelf.WatchBooks
                  get: /v2/l
            """
        let lines = try TestFile.problems(text).split(separator: "\n")
        #expect(lines == Self.expected.split(separator: "\n"))
    }

    private static let expected = #"""
        rules.yaml:2:17: config_version: only version 3 is known
        rules.yaml:4:3: http has no key "ruels"; did you mean "rules"?
        rules.yaml:5:3: fully_decode_reserved_expansion: true is not supported: \#
        captures of several segments keep %2F
        rules.yaml:7:17: there is no method "test.routes.Shelf.GetBok"; did you mean "test.routes.Shelf.GetBook"?
        rules.yaml:9:17: there is no method "GetBook"; did you mean "test.routes.Shelf.GetBook"?
        rules.yaml:11:17: the selector "test.routes.*" has a wildcard; name one method
        rules.yaml:13:17: there is no method "nothing.like.it"
        rules.yaml:15:7: the HTTP rule has no selector
        rules.yaml:17:12: test.routes.Shelf.GetBook: the variable is not closed, expected ".", "=" or "}"
            /v2/é/{name
                       ^
        rules.yaml:18:7: an HTTP rule has no key "boddy"; did you mean "body"?
        rules.yaml:20:16: test.routes.Shelf.GetBook: test.routes.GetBookRequest has no field "nope"
            /v2/{nope}/{view}
                 ^
        rules.yaml:20:16: test.routes.Shelf.GetBook: the field "view" is a message (test.routes.View), \#
        so no path can set it
            /v2/{nope}/{view}
                        ^
        rules.yaml:22:17: test.routes.Shelf.GetBook: body: test.routes.GetBookRequest has no field "bok"
        rules.yaml:23:26: test.routes.Shelf.GetBook: response_body: test.routes.Book has no field "nam"; \#
        did you mean "name"?
        rules.yaml:24:16: get: expected a string, found a number
        rules.yaml:25:11: an additional binding is a mapping, found a string
        rules.yaml:27:11: an additional binding has additional bindings of its own
        rules.yaml:29:21: an additional binding is for the method of its rule
        rules.yaml:30:17: test.routes.Shelf.GetBook has a rule already (rules.yaml:16:17)
        rules.yaml:34:7: the HTTP rule has a second pattern, "post"
        rules.yaml:35:17: test.routes.Shelf.Upload: a client-streaming method cannot have an HTTP rule
        rules.yaml:37:7: test.routes.Shelf.CreateBook: the HTTP rule has no get, put, post, delete, patch or custom
        rules.yaml:40:33: test.routes.Shelf.DeleteBook: "A B" is not an HTTP method
        rules.yaml:42:26: test.routes.Shelf.DeleteBook: "" is not an HTTP method
        rules.yaml:43:19: custom: expected a mapping, found a string
        rules.yaml:47:17: test.routes.Shelf.DeleteBook: a GET request has no body, but the rule has body: "*"
        rules.yaml:48:7: an HTTP rule is a mapping, found a number
        rules.yaml:50:12: test.routes.Shelf.WatchBooks: GET /v2/l belongs to test.routes.Shelf.Plain already \#
        (rules.yaml:33:12)
            /v2/l
            ^
        """#

    /// The rule is told, wherever its method is declared: it is the one that can be changed.
    @Test func aRuleMayCollideWithAnAnnotation() throws {
        let text = TestFile.config("  rules: [{selector: test.routes.Shelf.Plain, get: '/v1/books/{name}'}]")
        #expect(
            try TestFile.problems(text) == """
                rules.yaml:4:52: test.routes.Shelf.Plain: GET /v1/books/{name} belongs to test.routes.Shelf.GetBook \
                already (routes.proto:11)
                    /v1/books/{name}
                    ^
                """
        )
    }

    @Test(arguments: [
        ("", "rules.yaml:1:1: the file is empty"),
        ("# nothing\n", "rules.yaml:1:1: the file is empty"),
        ("---\n", "rules.yaml:2:1: a service configuration is a mapping, found null"),
        ("- a", "rules.yaml:1:1: a service configuration is a mapping, found a list"),
        ("{}", "rules.yaml:1:1: there is no \"type: google.api.Service\""),
        ("http: {}", "rules.yaml:1:1: there is no \"type: google.api.Service\""),
        ("type: google.api.Servce", "rules.yaml:1:7: the type is not \"google.api.Service\""),
        ("type: [google.api.Service]", "rules.yaml:1:7: the type is not \"google.api.Service\""),
        ("type: google.api.Service\nhtpp: {}", "rules.yaml:1:1: there is no section \"http\""),
        ("type: google.api.Service\nhttp: 3", "rules.yaml:2:7: http is a mapping, found a number"),
        ("type: google.api.Service\nhttp:", "rules.yaml:2:6: http is a mapping, found null"),
        (TestFile.config("  rules: {}"), "rules.yaml:4:10: http.rules: expected a list, found a mapping"),
        (TestFile.config("  rules: x"), "rules.yaml:4:10: http.rules: expected a list, found a string"),
        (TestFile.config("  rules: []\n  rules: []"), "rules.yaml:4:3: the key \"rules\" occurs twice"),
        (
            TestFile.config("  rules: [{selector: true, get: /a}]"),
            "rules.yaml:4:22: selector: expected a string, found a boolean"
        ),
        (
            TestFile.config("  rules: [{selector: !!binary abcd, get: /a}]"),
            "rules.yaml:4:22: selector: expected a string, found a value tagged tag:yaml.org,2002:binary"
        ),
        (
            TestFile.config(
                "  rules: [{selector: test.routes.Shelf.Plain, get: /a, body: '', responseBody: name, "
                    + "response_body: y}]"
            ),
            "rules.yaml:4:86: the key \"response_body\" occurs twice, in both spellings"
        ),
        (
            TestFile.config("  fully_decode_reserved_expansion: maybe"),
            "rules.yaml:4:36: fully_decode_reserved_expansion: expected true or false, found a string"
        ),
    ])
    func refusesWhatIsNoServiceConfiguration(_ text: String, _ expected: String) throws {
        let problems = try TestFile.problems(text)
        #expect(problems.hasPrefix(expected), "\(problems)")
    }
}
