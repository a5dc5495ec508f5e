import Testing

@testable import YAML

@Suite
struct ImplicitTypeTests {
    @Test(arguments: TrickyTexts.otherTypes)
    func notStrings(text: String) {
        #expect(!ImplicitType.isString(text))
    }

    @Test(arguments: TrickyTexts.strings)
    func strings(text: String) {
        #expect(ImplicitType.isString(text))
    }
}
