import HTTPRules
import Testing

@Suite struct PathTemplateParserTests {
    struct Good: CustomTestStringConvertible, Sendable {
        let template: String
        /// Segments as `*`, `**` or the decoded literal.
        let segments: [String]
        var verb: String?
        /// `path@range`, with a `+` behind it if it is multi-segment.
        var variables: [String] = []
        var testDescription: String { template }
    }

    @Test(arguments: [
        Good(template: "/v1", segments: ["v1"]),
        Good(template: "/v1/jobs", segments: ["v1", "jobs"]),
        Good(template: "/*", segments: ["*"]),
        Good(template: "/**", segments: ["**"]),
        Good(template: "/v1/*/x/**", segments: ["v1", "*", "x", "**"]),
        Good(template: "/v1/**/a/b", segments: ["v1", "**", "a", "b"]),
        Good(template: "/v1/{id}", segments: ["v1", "*"], variables: ["id@1..<2"]),
        Good(template: "/v1/{id=*}", segments: ["v1", "*"], variables: ["id@1..<2"]),
        Good(template: "/v1/{id=lit}", segments: ["v1", "lit"], variables: ["id@1..<2"]),
        Good(template: "/v1/{rest=**}", segments: ["v1", "**"], variables: ["rest@1..<2+"]),
        Good(template: "/{a.b=x/*/y}/z", segments: ["x", "*", "y", "z"], variables: ["a.b@0..<3+"]),
        Good(template: "/{a=x/**}/z:go", segments: ["x", "**", "z"], verb: "go", variables: ["a@0..<2+"]),
        Good(template: "/{a=**/z}", segments: ["**", "z"], variables: ["a@0..<2+"]),
        Good(template: "/v1/{a}/{b_2._c.D}", segments: ["v1", "*", "*"], variables: ["a@1..<2", "b_2._c.D@2..<3"]),
        Good(template: "/v1/jobs:submitCustom", segments: ["v1", "jobs"], verb: "submitCustom"),
        Good(template: "/v1/{id}:cancel", segments: ["v1", "*"], verb: "cancel", variables: ["id@1..<2"]),
        Good(template: "/v1/*:x", segments: ["v1", "*"], verb: "x"),
        Good(template: "/v1/**:x.y-z", segments: ["v1", "**"], verb: "x.y-z"),
        Good(template: "/viam.app.mltraining.v1.S/M", segments: ["viam.app.mltraining.v1.S", "M"]),
        Good(template: "/a%62c/%2F%25/%c3%A9", segments: ["abc", "/%", "é"]),
        Good(template: "/-._~!$&'()+,;=@/é", segments: ["-._~!$&'()+,;=@", "é"]),
        Good(
            template: "/" + (0..<16).map { "{v\($0)}" }.joined(separator: "/"),
            segments: Array(repeating: "*", count: 16),
            variables: (0..<16).map { "v\($0)@\($0)..<\($0 + 1)" }
        ),
    ])
    func accepts(_ good: Good) throws {
        let template = try PathTemplate(good.template)
        #expect(template.text == good.template)
        #expect(template.segments.map(Self.describe) == good.segments)
        #expect(template.verb == good.verb)
        let variables = template.variables.map { "\($0.path)@\($0.segments)" + ($0.isMultiSegment ? "+" : "") }
        #expect(variables == good.variables)
    }

    private static func describe(_ segment: PathTemplate.Segment) -> String {
        switch segment {
        case .literal(let bytes): String(decoding: bytes, as: UTF8.self)
        case .wildcard: "*"
        case .rest: "**"
        }
    }

    struct Bad: CustomTestStringConvertible, Sendable {
        let template: String
        let offset: Int
        let message: String
        init(_ template: String, _ offset: Int, _ message: String) {
            self.template = template
            self.offset = offset
            self.message = message
        }
        var testDescription: String { "\"\(template)\"" }
    }

    @Test(arguments: [
        Bad("", 0, "a template starts with \"/\""),
        Bad("v1", 0, "a template starts with \"/\""),
        Bad("{a}", 0, "a template starts with \"/\""),
        Bad(" /v1", 0, "a template starts with \"/\""),
        Bad("/", 1, "a template has at least one segment"),
        Bad("/a/", 3, "a template does not end with \"/\""),
        Bad("//", 1, "a segment is empty"),
        Bad("/a//b", 3, "a segment is empty"),
        Bad("/:verb", 1, "a verb follows a segment, not \"/\""),
        Bad("/a/:verb", 3, "a verb follows a segment, not \"/\""),
        Bad("/a{x}", 2, "a variable is a whole segment, expected \"/\" before \"{\""),
        Bad("/{x}a", 4, "a variable is a whole segment, expected \"/\", \":\" or the end after it"),
        Bad("/{x}{y}", 4, "a variable is a whole segment, expected \"/\" before \"{\""),
        Bad("/{x}*", 4, "\"*\" and \"**\" are whole segments, expected \"/\" before \"*\""),
        Bad("/*a", 2, "a wildcard is a whole segment, expected \"/\", \":\" or the end after it"),
        Bad("/**a", 3, "a wildcard is a whole segment, expected \"/\", \":\" or the end after it"),
        Bad("/***", 3, "\"*\" and \"**\" are whole segments, expected \"/\" before \"*\""),
        Bad("/a*", 2, "\"*\" and \"**\" are whole segments, expected \"/\" before \"*\""),
        Bad("/*{a}", 2, "a variable is a whole segment, expected \"/\" before \"{\""),
        Bad("/**/**", 4, "only literals may follow \"**\""),
        Bad("/**/a/*", 6, "only literals may follow \"**\""),
        Bad("/**/{a}", 4, "only literals may follow \"**\""),
        Bad("/{a=**}/{b}", 8, "only literals may follow \"**\""),
        Bad("/{a=**/*}", 7, "only literals may follow \"**\""),
        Bad("/{a={b}}", 4, "variables do not nest"),
        Bad("/{a=x/{b}}", 6, "variables do not nest"),
        Bad("/{a=x{b}}", 5, "a variable is a whole segment, expected \"/\" before \"{\""),
        Bad("/{}", 2, "expected a field name"),
        Bad("/{", 2, "expected a field name"),
        Bad("/{=x}", 2, "expected a field name"),
        Bad("/{.a}", 2, "expected a field name"),
        Bad("/{a.}", 4, "expected a field name"),
        Bad("/{a..b}", 4, "expected a field name"),
        Bad("/{1a}", 2, "expected a field name"),
        Bad("/{é}", 2, "expected a field name"),
        Bad("/{a", 3, "the variable is not closed, expected \".\", \"=\" or \"}\""),
        Bad("/{a-b}", 3, "expected \".\", \"=\" or \"}\" after the field name"),
        Bad("/{a/b}", 3, "expected \".\", \"=\" or \"}\" after the field name"),
        Bad("/{a:b}", 3, "expected \".\", \"=\" or \"}\" after the field name"),
        Bad("/{a=", 4, "the variable is not closed, expected a segment"),
        Bad("/{a=}", 4, "a segment is empty"),
        Bad("/{a=/x}", 4, "a segment is empty"),
        Bad("/{a=x/}", 6, "a segment is empty"),
        Bad("/{a=x//y}", 6, "a segment is empty"),
        Bad("/{a=x", 5, "the variable is not closed, expected \"/\" or \"}\""),
        Bad("/{a=x:y}", 5, "a verb stands outside of variables, after the last segment"),
        Bad("/{a=:y}", 4, "a verb follows a segment, not \"/\""),
        Bad("/}", 1, "\"}\" without \"{\""),
        Bad("/a}", 2, "\"}\" without \"{\""),
        Bad("/{a}}", 4, "\"}\" without \"{\""),
        Bad("/*}", 2, "\"}\" without \"{\""),
        Bad("/{a}/{a}", 6, "the variable \"a\" occurs twice"),
        Bad("/{a.b}/x/{a.b=**}", 10, "the variable \"a.b\" occurs twice"),
        Bad("/a:", 3, "the verb is empty"),
        Bad("/a:b/c", 4, "nothing follows the verb"),
        Bad("/a:b:c", 4, "a template has only one verb"),
        Bad("/a:%62", 3, "a verb is never percent-encoded"),
        Bad("/a:{b}", 3, "a verb never holds \"{\""),
        Bad("/a:*", 3, "a verb never holds \"*\""),
        Bad("/a:b c", 4, "a verb never holds a space"),
        Bad("/a b", 2, "a space must be percent-encoded in a template"),
        Bad("/a?b", 2, "\"?\" must be percent-encoded in a template"),
        Bad("/a#b", 2, "\"#\" must be percent-encoded in a template"),
        Bad("/a\"b", 2, "a double quote must be percent-encoded in a template"),
        Bad("/é\n", 3, "a control character must be percent-encoded in a template"),
        Bad("/a\u{0}", 2, "a control character must be percent-encoded in a template"),
        Bad("/a%", 2, "\"%\" is not followed by two hexadecimal digits"),
        Bad("/a%6", 2, "\"%\" is not followed by two hexadecimal digits"),
        Bad("/a%6g", 2, "\"%\" is not followed by two hexadecimal digits"),
        Bad("/a%00", 2, "a path never holds \"%00\""),
        Bad("/a%3Ab", 2, "a literal never holds a colon, which begins the verb"),
        Bad("/" + (0..<17).map { "{v\($0)}" }.joined(separator: "/"), 87, "a template has at most 16 variables"),
    ])
    func refuses(_ bad: Bad) {
        let expected = PathTemplateError(template: bad.template, offset: bad.offset, message: bad.message)
        #expect(throws: expected) { try PathTemplate(bad.template) }
    }

    @Test(arguments: [
        ("/a/", "a template does not end with \"/\"\n/a/\n   ^"),
        ("/é/{1}", "expected a field name\n/é/{1}\n    ^"),
        ("/\n{", "a control character must be percent-encoded in a template\n/\u{FFFD}{\n ^"),
    ])
    func pointsAtTheFault(_ template: String, _ expected: String) {
        do {
            _ = try PathTemplate(template)
            Issue.record("\(template) was accepted")
        } catch {
            #expect(error.description == expected)
        }
    }

    @Test func shapesIgnoreTheNamesOfVariables() throws {
        #expect(try PathTemplate("/v1/{a=x/*}:go").shape == PathTemplate("/v%31/x/{b}:go").shape)
        #expect(try PathTemplate("/v1/{a}").shape != PathTemplate("/v1/{a}:go").shape)
        #expect(try PathTemplate("/v1/*").shape != PathTemplate("/v1/**").shape)
    }

    /// Neither the parser nor the value recurses.
    @Test func readsSixtyFourThousandSegments() throws {
        let template = try PathTemplate(String(repeating: "/a", count: 64_000))
        #expect(template.segments.count == 64_000)
    }
}
