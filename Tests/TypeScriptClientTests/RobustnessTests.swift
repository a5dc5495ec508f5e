import GatewayTesting
import HTTPRules
import Testing

@testable import TypeScriptClient

/// Whatever is a schema has a client.
struct RobustnessTests {
    @Test(arguments: [
        "TypeScriptClientTests/Resources/odd.binpb", "HTTPRulesTests/Resources/routes.binpb",
        "IntegrationTests/Resources/feed.binpb", "ProtobufSchemaTests/Resources/sample.binpb",
        "RichMessages/rich.binpb",
    ])
    func `The same set makes the same file`(path: String) throws {
        let set = try FileBytes.read(TestClient.resource(path))
        let source = try TestClient.source(set)
        #expect(try TestClient.source(set) == source)
        #expect(source.hasSuffix("}\n"))
        #expect(!source.contains("unknown,\n\n"))
    }

    /// Names and comments with every byte that they can have: what compiles must be printed, and on as many lines.
    @Test
    func `Changed bytes do no harm`() throws {
        let set = try FileBytes.read(TestClient.resource("TypeScriptClientTests/Resources/odd.binpb"))
        var state: UInt64 = 886
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let letters = Array("*/@\"\\\n`${}é;'<".utf8)
        var printed = 0
        for _ in 0..<400 {
            var changed = set
            for _ in 0..<2 { changed[random(changed.count)] = letters[random(letters.count)] }
            guard let source = try? TestClient.source(changed) else { continue }
            printed += 1
            // All that a name or comment can do is to be a line of its own: nothing but that is added to the file.
            #expect(source.hasPrefix("// Made by"))
            #expect(RobustnessTests.isBalanced(source), "\(source)")
        }
        #expect(printed > 50)
    }

    /// Whether comments and strings are closed where code goes on, and brackets outside of them match.
    private static func isBalanced(_ source: String) -> Bool {
        // The fixed part has regular expressions and templates, which this does not read.
        let end = source.firstRange(of: "\n// ----")?.lowerBound ?? source.endIndex
        var rest = source[..<end].utf8[...]
        var open: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "/") where rest.first == UInt8(ascii: "*"):
                rest.removeFirst()
                var previous: UInt8 = 0
                while let character = rest.popFirst(),
                    !(previous == UInt8(ascii: "*") && character == UInt8(ascii: "/"))
                {
                    if rest.isEmpty { return false }
                    previous = character
                }
            case UInt8(ascii: "/") where rest.first == UInt8(ascii: "/"):
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            case UInt8(ascii: "\""):
                while let character = rest.popFirst(), character != UInt8(ascii: "\"") {
                    if character == UInt8(ascii: "\\") { _ = rest.popFirst() }
                    if character == UInt8(ascii: "\n") { return false }
                }
            case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["): open.append(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): if open.popLast() != byte - 2 { return false }
            case UInt8(ascii: ")"): if open.popLast() != byte - 1 { return false }
            default: break
            }
        }
        return open.isEmpty
    }
}
