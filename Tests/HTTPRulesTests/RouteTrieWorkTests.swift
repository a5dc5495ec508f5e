import Testing

@testable import HTTPRules

/// Matching is linear in the path, counted in steps rather than time.
@Suite struct RouteTrieWorkTests {
    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(String(repeating: text, count: count).utf8)
    }

    @Test(arguments: [
        ("/", 1_000_000), ("/a", 64_000), ("/a", 500_000), ("/b:c", 100_000), ("/%61", 100_000), ("a", 1_000_000),
        ("%2F", 300_000), (":", 1_000_000),
    ])
    func longPathsCostTheirLength(_ unit: String, _ count: Int) throws {
        let routers = [
            try TestRouter(RouteTrieTests.design),
            try TestRouter(["GET /**", "GET /{x=**}/a", "GET /a/**/a/a:c", "POST /*/a/*/**/b:c"]),
        ]
        for router in routers {
            for prefix in ["/", "/v1/jobs/", "/a/a"] {
                let path = Array(prefix.utf8) + Self.repeated(unit, count)
                let (_, steps) = router.steps(.put, path)
                #expect(steps <= path.count + 100)
            }
        }
    }

    /// The same through a table of every kind of route: a million slashes are a quick 404.
    @Test(arguments: ["/", "/v1/", "/v1/books/", "/v1/shelves/a/books/", "/any/"])
    func aMillionSlashesAreNotFound(_ prefix: String) throws {
        let table = try RouteTable(TestSchema.load("routes"))
        let path = Array(prefix.utf8) + Self.repeated("/", 1_000_000)
        for method in [HTTPMethod.get, .delete, .unknown] {
            let (result, steps) = TestRouter.steps(table.trie, method, path)
            #expect(result == .notFound)
            #expect(steps <= path.count + 50)
        }
    }

    /// Every combination of `a` and `*` of length 8 that ends in `b`: the worst case is the whole trie.
    @Test func backtrackingIsBoundedByTheTrie() throws {
        let rules = (0..<256).map { bits in
            "GET " + (0..<8).map { bits >> $0 & 1 == 0 ? "/a" : "/*" }.joined() + "/b"
        }
        let router = try TestRouter(rules)
        let nodes = router.trie.nodes.count
        let (result, steps) = router.steps(.get, Self.repeated("/a", 9))
        #expect(result == .notFound)
        // Four looks at each node, one comparison for each literal.
        #expect(steps <= 18 + 5 * nodes)
        let (_, longer) = router.steps(.get, Self.repeated("/a", 64_000))
        #expect(longer <= 128_000 + 5 * nodes)
    }

    @Test func manyTailsAreEachLookedAtOnce() throws {
        let rules = (1...200).map { "GET /**" + String(repeating: "/a", count: $0) + "/z\($0)" }
        let router = try TestRouter(rules)
        let (result, steps) = router.steps(.get, Self.repeated("/a", 64_000))
        #expect(result == .notFound)
        #expect(steps <= 128_000 + 200 * 202)
    }
}
