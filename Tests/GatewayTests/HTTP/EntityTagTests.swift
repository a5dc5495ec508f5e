import Testing

@testable import Gateway

@Suite
struct EntityTagTests {
    private let tag = Array("content".utf8).withUnsafeBytes { EntityTag(of: $0) }
    private var text: String { tag.withText(isWeak: false) { String(cString: $0) } }

    @Test
    func isAQuotedToken() {
        #expect(text.utf8.count == EntityTag.count)
        #expect(text.first == "\"" && text.last == "\"")
        #expect(text.dropFirst().dropLast().allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(tag.withText(isWeak: true) { String(cString: $0) } == "W/" + text)
    }

    /// `T` stands for the tag, quotes included.
    @Test(arguments: [
        ("T", true), ("W/T", true), ("*", false), ("\"a\", T", true), ("\"a\",T", true),
        ("T,\"b\"", true),
        ("W/\"a\" , W/T", true), (",, T", true), ("\"\", T", true), ("\"a,b\", T", true), ("\"a", false), ("", false),
        (" ", false), (",", false), ("\"a\"", false), ("w/T", false), ("W/", false), ("W", false), ("\"a\" T", false),
        ("**", false), ("\"*\"", false), ("* , T", false), ("T\"", true), ("\"a b\", T", false), ("xT", false),
    ])
    func comparesWeakly(list: String, expected: Bool) {
        #expect(isInList(list, byStrongComparison: false) == expected)
    }

    @Test(arguments: [
        ("T", true), ("W/T", false), ("*", false), ("W/T, T", true), ("T, W/T", true), ("W/\"a\", T", true),
        ("W/T, \"a\"", false), ("\"a\"", false), ("", false), ("\"a\" T", false),
    ])
    func comparesStrongly(list: String, expected: Bool) {
        #expect(isInList(list, byStrongComparison: true) == expected)
    }

    private func isInList(_ list: String, byStrongComparison isStrong: Bool) -> Bool {
        let value = list.replacing("T", with: text)
        return Array(value.utf8).withUnsafeBytes { EntityTagList($0).contains(tag, byStrongComparison: isStrong) }
    }

    @Test(arguments: [("*", true), (" *\t", true), ("**", false), ("\"*\"", false), ("*, *", false), ("", false)])
    func theAsteriskStandsForAnyTag(list: String, expected: Bool) {
        #expect(Array(list.utf8).withUnsafeBytes { EntityTagList($0).isAny } == expected)
    }

    @Test
    func theTagWithoutItsQuotesIsNone() {
        let bare = String(text.dropFirst().dropLast())
        for value in [bare, "\"\(bare)x\"", "\"\(bare.dropLast())\"", "\"\(bare.uppercased())\""] {
            #expect(!isInList(value, byStrongComparison: false), "\(value)")
        }
    }
}
