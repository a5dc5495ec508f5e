import HTTPRules
import ProtobufSchema
import Testing

@Suite struct RouteBuilderTests {
    private func route(_ method: String, _ template: String, in table: RouteTable) throws -> Route {
        try #require(table.routes.first { $0.httpMethodName == method && $0.template.text == template })
    }

    @Test func resolvesVariables() throws {
        let schema = try TestSchema.load("routes")
        let table = try RouteTable(schema)
        let route = try route("GET", "/v1/at/{read_at}/{view.depth}/{view.lang}", in: table)
        let names = route.variables.map { $0.fieldPath.map { schema[$0].name } }
        #expect(names == [["read_at"], ["view", "depth"], ["view", "lang"]])
        #expect(route.variables.allSatisfy { !$0.isMultiSegment })
        #expect(schema.name(of: route.input) == "test.routes.GetBookRequest")
        #expect(schema.name(of: route.output) == "test.routes.Book")
        let long = try self.route("GET", "/v1/{name=shelves/*/books/*}", in: table)
        #expect(long.variables.map(\.isMultiSegment) == [true])
    }

    @Test func resolvesBodies() throws {
        let schema = try TestSchema.load("routes")
        let table = try RouteTable(schema)
        let request = try #require(schema.message(named: "test.routes.CreateBookRequest"))
        let response = try #require(schema.message(named: "test.routes.CreateBookResponse"))
        let field = try #require(schema.field(named: "book", in: request))
        let create = try route("POST", "/v1/books", in: table)
        #expect(create.body == .field(field))
        #expect(create.responseBody == schema.field(named: "book", in: response))
        // Additional bindings say it for themselves.
        let put = try route("PUT", "/v1/books/{book.name}", in: table)
        #expect(put.body == .message && put.responseBody == nil)
        #expect(try route("GET", "/v1/books/{name}", in: table).body == .none)
    }

    @Test func keepsWhatTheMethodIs() throws {
        let table = try RouteTable(TestSchema.load("routes"))
        let get = try route("GET", "/v1/books/{name}", in: table)
        #expect(get.isSafeToRepeat && !get.isServerStreaming)
        #expect((get.service, get.method) == ("test.routes.Shelf", "GetBook"))
        #expect(get.grpcPath == "/test.routes.Shelf/GetBook")
        let delete = try route("DELETE", "/v1/{name=**}", in: table)
        #expect(delete.idempotency == .idempotent && !delete.isSafeToRepeat)
        #expect(try route("GET", "/v1/books:watch", in: table).isServerStreaming)
        #expect(table.routes.count == 10)
    }

    @Test func mapsMethodsWithoutARuleIfAsked() throws {
        let schema = try TestSchema.load("routes")
        let table = try RouteTable(schema, options: RouteBuilder.Options(mapsMethodsWithoutRule: true))
        // Neither for the annotated ones nor for the client-streaming one.
        #expect(table.routes.count == 11)
        #expect(try route("POST", "/test.routes.Shelf/Plain", in: table).body == .message)
    }

    /// A default neither breaks a rule nor leaves a method out of reach without a word.
    @Test(arguments: [
        ("POST", "/test.routes.Shelf/Plain"), ("*", "/test.routes.Shelf/Plain"), ("POST", "/test.routes%2eShelf/Plain"),
    ])
    func aMappedMethodNeverTakesARulesPath(_ method: String, _ path: String) throws {
        let schema = try TestSchema.load("routes")
        var file = RuleFile(name: "rules.yaml")
        let place = SourcePlace(file: "rules.yaml", line: 7)
        var rule = HTTPRule(method, path)
        rule.places = HTTPRule.Places(place)
        file.entries = [RuleFile.Entry(selector: "test.routes.Shelf.WatchBooks", place: place, rule: rule)]
        #expect(try RouteTable(schema, options: RouteBuilder.Options(ruleFile: file)).routes.count == 10)
        let options = RouteBuilder.Options(mapsMethodsWithoutRule: true, ruleFile: file)
        let error = #expect(throws: RouteErrors.self) { try RouteTable(schema, options: options) }
        let expected =
            "routes.proto:40: test.routes.Shelf.Plain: the method has no rule, and its automatic route POST "
            + "/test.routes.Shelf/Plain belongs to test.routes.Shelf.WatchBooks already (rules.yaml:7); give it a rule"
        #expect(error?.description == expected)
        // Another method of HTTP is no quarrel.
        rule.method = "PUT"
        file.entries = [RuleFile.Entry(selector: "test.routes.Shelf.WatchBooks", place: place, rule: rule)]
        let both = RouteBuilder.Options(mapsMethodsWithoutRule: true, ruleFile: file)
        #expect(try RouteTable(schema, options: both).routes.count == 11)
    }

    @Test func saysAllThatIsWrong() throws {
        let schema = try TestSchema.load("faults")
        let error = #expect(throws: RouteErrors.self) { try RouteTable(schema) }
        let problems = try #require(error?.problems)
        #expect(problems.map(\.place.line) == Array(11...31) + [32, 39, 39])
        #expect(error?.description == Self.expected)
    }

    private static let expected = #"""
        faults.proto:11: test.faults.Faults.Syntax: the variable is not closed, expected ".", "=" or "}"
            /v1/é/{name
                       ^
        faults.proto:12: test.faults.Faults.EmptyPath: a template starts with "/"
        faults.proto:13: test.faults.Faults.NoPattern: the HTTP rule has no get, put, post, delete, patch or custom
        faults.proto:14: test.faults.Faults.UnknownField: test.faults.M has no field "nope"
            /v1/{nope}
                 ^
        faults.proto:15: test.faults.Faults.UnknownChild: test.faults.M has no field "nope"
            /v1/{child.nope}
                       ^
        faults.proto:16: test.faults.Faults.NotAMessage: the field "name" is not a message
            /v1/{name.child}
                 ^
        faults.proto:17: test.faults.Faults.RepeatedLeaf: the field "names" is repeated, so no path can set it
            /v1/{names}
                 ^
        faults.proto:18: test.faults.Faults.RepeatedParent: the field "children" is repeated, so no path can set it
            /v1/{children.name}
                 ^
        faults.proto:19: test.faults.Faults.MapLeaf: the field "labels" is a map, so no path can set it
            /v1/{labels}
                 ^
        faults.proto:20: test.faults.Faults.MessageLeaf: the field "child" is a message (test.faults.M), \#
        so no path can set it
            /v1/{child.child}
                       ^
        faults.proto:21: test.faults.Faults.StructLeaf: the field "structure" is a message (google.protobuf.Struct), \#
        so no path can set it
            /v1/{structure}
                 ^
        faults.proto:22: test.faults.Faults.IntoTimestamp: the fields of "at" (google.protobuf.Timestamp) \#
        cannot be set one by one
            /v1/{at.seconds}
                 ^
        faults.proto:23: test.faults.Faults.SameField: "longName" is the same field as "long_name"
            /v1/{long_name}/{longName}
                             ^
        faults.proto:24: test.faults.Faults.SameOneof: "right" is in the same oneof as "left"
            /v1/{left}/{right}
                        ^
        faults.proto:25: test.faults.Faults.UnknownBody: body: test.faults.M has no field "nope"
        faults.proto:26: test.faults.Faults.DeepBody: body: "child.child" is not a field at the top of a message
        faults.proto:27: test.faults.Faults.GetWithBody: a GET request has no body, but the rule has body: "*"
        faults.proto:28: test.faults.Faults.UnknownAnswer: response_body: test.faults.M has no field "nope"
        faults.proto:29: test.faults.Faults.NotAToken: "A B" is not an HTTP method
        faults.proto:30: test.faults.Faults.EmptyKind: "" is not an HTTP method
        faults.proto:31: test.faults.Faults.ClientStreams: a client-streaming method cannot have an HTTP rule
        faults.proto:32: test.faults.Faults.Nested: an additional binding has additional bindings of its own
        faults.proto:39: test.faults.Faults.Second: GET /v1/twice/{name}:x \#
        belongs to test.faults.Faults.First already (faults.proto:38)
            /v1/t%77ice/{long_name}:x
            ^
        faults.proto:39: test.faults.Faults.Second: GET /v1/twice/{name}:x \#
        belongs to test.faults.Faults.First already (faults.proto:38)
            /v1/twice/{name}:x
            ^
        """#
}
