import Testing

@testable import TypeScriptClient

struct NameAllocatorTests {
    @Test
    func `Each name is given once`() {
        var names = NameAllocator(reserved: ["class"])
        #expect(names.name("a", "b_a") == "a")
        #expect(names.name("a", "b_a") == "b_a")
        #expect(names.name("a", "b_a") == "b_a2")
        #expect(names.name("a", "b_a") == "b_a3")
        #expect(names.name("class") == "class2")
    }

    /// A message of such a name would take the place of what the fixed part means by it.
    @Test
    func `What the fixed part declares is reserved`() throws {
        let runtime = String(decoding: PackageResources.runtime_ts, as: UTF8.self)
        let declaration = /^(?:export )?(?:async )?(?:class|interface|type|const|function\*?) ([A-Za-z0-9_]+)/
            .anchorsMatchLineEndings()
        let declared = runtime.matches(of: declaration).map { String($0.output.1) }
        #expect(declared.count > 40)
        #expect(declared.filter { !ReservedNames.all.contains($0) } == [])
    }
}
