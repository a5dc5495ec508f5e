import GatewayTesting
import Testing

@testable import HTTPRules

@Suite struct PathTemplatePropertyTests {
    /// Whatever is accepted matches a path made after it; whatever is refused says where.
    @Test(arguments: 0..<20)
    func acceptedTemplatesMatchTheirOwnPaths(_ seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(seed))
        let pieces = [
            "/", "/", "/", "{", "}", "*", "**", "=", ":", ".", "a", "b", "{c}", "{d=**}", "%2f", "%", "é", " ",
            "/{e=f/*}",
        ]
        var accepted = 0
        for _ in 0..<2_000 {
            let length = Int.random(in: 0...9, using: &generator)
            let text = "/" + (0..<length).compactMap { _ in pieces.randomElement(using: &generator) }.joined()
            let template: PathTemplate
            do throws(PathTemplateError) {
                template = try PathTemplate(text)
            } catch {
                #expect((0...text.utf8.count).contains(error.offset) && !error.message.isEmpty)
                continue
            }
            accepted += 1
            let router = try TestRouter(["GET \(text)"])
            let answer = try router.answer("GET \(Self.path(of: template))")
            #expect(answer.hasPrefix("GET \(text)"), "\(text)")
        }
        #expect(accepted > 50)
    }

    private static func path(of template: PathTemplate) -> String {
        let segments = template.segments.map { segment in
            switch segment {
            case .literal(let bytes):
                bytes.map { byte in
                    let digits = String(byte, radix: 16)
                    return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
                }.joined()
            case .wildcard: "x:y"
            case .rest: "x/y/z"
            }
        }
        return "/" + segments.joined(separator: "/") + (template.verb.map { ":\($0)" } ?? "")
    }

    /// Captures never leave the path, are never empty and never begin or end with a slash.
    @Test(arguments: 0..<20)
    func anyBytesAreAnswered(_ seed: Int) throws {
        var generator = SeededRandom(seed: UInt64(seed))
        let rules = [
            "GET /{a}/{b=x/*}", "GET /{a=**}/x", "PUT /{a}/{b=**}:x", "GET /x/{a}:x", "POST /{a=x/**}",
            "PUT /{a=*/x/**/x}",
        ]
        let router = try TestRouter(rules + RouteTrieTests.design)
        let alphabet = Array("///xx::%2F06a".utf8) + [0, 0xFF]
        var matches = 0
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...14, using: &generator)
            let path = [UInt8(ascii: "/")] + (0..<length).compactMap { _ in alphabet.randomElement(using: &generator) }
            var captures = PathCaptures()
            let method = HTTPMethod(rawValue: UInt8.random(in: 0...7, using: &generator))
            guard case .match = path.withUnsafeBytes({ router.trie.match(method, $0, &captures) }) else { continue }
            matches += 1
            for index in 0..<captures.count {
                let range = captures[index].range
                try #require(range.lowerBound > 0 && range.upperBound <= path.count && !range.isEmpty)
                #expect(path[range.lowerBound] != UInt8(ascii: "/") && path[range.upperBound - 1] != UInt8(ascii: "/"))
            }
        }
        #expect(matches > 100)
    }
}
